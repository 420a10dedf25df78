"""Companies whose truth is known, written as the exports a company would have: ``simulate`` and ``WORLDS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from goodwill.worlds.arithmetic import UNDECIDED
from goodwill.worlds.catalogue import WORLDS, World, known_world
from goodwill.worlds.company import Company, name_all
from goodwill.worlds.exports_billing import write_subscriptions
from goodwill.worlds.exports_contacts import write_contacts
from goodwill.worlds.exports_costs import write_costs
from goodwill.worlds.exports_crm import write_crm
from goodwill.worlds.exports_desk import write_tickets
from goodwill.worlds.exports_email import write_email
from goodwill.worlds.exports_networks import write_networks
from goodwill.worlds.exports_site import write_site
from goodwill.worlds.exports_social import write_community
from goodwill.worlds.naive import naive_tables
from goodwill.worlds.posts import draw_posts
from goodwill.worlds.sales import baselines, happen
from goodwill.worlds.settings import settings
from goodwill.worlds.tables import number_of
from goodwill.worlds.truth import Truth

__all__ = ["WORLDS", "Truth", "World", "imagine", "simulate"]


def simulate(
    name: str, folder: Path, *, seed: int, accounts: int | None = None, progress: Callable[[str], None] | None = None
) -> Truth:
    """Write a workspace whose truth is known: ``exports/``, ``goodwill.toml`` and ``truth.json``.

    Parameters
    ----------
    name : str
        One of ``WORLDS``.
    folder : Path
        Made if it is not there; files of the same names are overwritten.
    seed : int
        The same seed gives the same bytes.
    accounts : int, optional
        How many companies to sell to, instead of the world's own number.
    progress : callable, optional
        Told what is being written.

    Returns
    -------
    Truth

    Raises
    ------
    GoodwillError
        If there is no such world.
    """
    world, tell = known_world(name), progress or (lambda _: None)
    tell("Years of a company")
    company, truth = imagine(name, seed=seed, accounts=accounts)
    exports = folder / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    _write(world, company, exports, tell)
    text = settings(company, len(world.causes.venue_starts))
    (folder / "goodwill.toml").write_text(text, encoding="utf-8")
    truth.save(folder)
    return truth


def imagine(name: str, *, seed: int, accounts: int | None = None) -> tuple[Company, Truth]:
    """A company of this world and its truth, with nothing written; arguments and errors as for ``simulate``.

    Examples
    --------
    >>> company, truth = imagine("openings", seed=1, accounts=50)
    >>> truth.account_difference(26, from_week=40).opened > truth.risk_difference(26)
    True
    >>> len(company.history.contracts) > 0
    True
    """
    world = known_world(name)
    number = world.accounts if accounts is None else accounts
    first_day = number_of(world.first_day)
    history = happen(world.causes, accounts=number, first_day=first_day, weeks=world.weeks, seed=seed)
    company = name_all(name, history, seed=seed, is_noisy=world.is_noisy)
    return company, _truth(world, company)


def _write(world: World, company: Company, exports: Path, tell: Callable[[str], None]) -> None:
    posts = draw_posts(world.causes, company.history, company.seed) if world.is_noisy else None
    tell("Salesforce: opportunities, stages, contact roles")
    write_crm(company, exports)
    tell("HubSpot: contacts and companies")
    write_contacts(company, exports)
    tell("Mailchimp: activity and members")
    write_email(company, exports)
    tell("GA4: page views")
    write_site(company, exports)
    tell("Community tool: who engaged")
    write_community(company, exports, posts)
    tell("Billing: subscriptions")
    write_subscriptions(company, exports)
    tell("Zendesk: tickets")
    write_tickets(company, exports)
    if posts is not None:
        tell("LinkedIn, X, Mastodon, YouTube: our posts")
        write_networks(company, exports, posts)
        tell("Harvest, bills")
        write_costs(company, exports, world.causes.venue_starts)


def _truth(world: World, company: Company) -> Truth:
    sales, book, span = company.history.sales, company.directory, company.history.span
    win_baseline, loss_baseline = baselines(world.causes)
    ended = sales.decided < UNDECIDED
    outcome = np.where(sales.won, "won", np.where(ended, "lost", "open"))
    return Truth(
        name=world.name,
        seed=company.seed,
        beta=world.causes.beta,
        first_day=span.first_day,
        last_day=span.last_day,
        parameters={k: list(v) if isinstance(v, tuple) else v for k, v in asdict(world.causes).items()},
        win_baseline=win_baseline,
        loss_baseline=loss_baseline,
        win_offset=sales.win_offset,
        loss_offset=sales.loss_offset,
        ids=tuple(book.opportunity_id),
        accounts=tuple(book.account_id[a] for a in sales.account.tolist()),
        prior_engagement=sales.engagement,
        opened=sales.opened,
        decided=sales.decided,
        outcome=tuple(outcome.tolist()),
        touch_week=sales.touch_week,
        acting_touch_week=sales.acting_week,
        amount=sales.plain_amount,
        account_ids=tuple(book.account_id),
        naive=naive_tables(company),
    )
