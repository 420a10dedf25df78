"""Companies whose truth is known, written as the exports a company would have: ``simulate`` and ``WORLDS``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from goodwill.errors import GoodwillError, nearest
from goodwill.worlds.causes import Causes
from goodwill.worlds.company import Company, name_all
from goodwill.worlds.exports_contacts import write_contacts
from goodwill.worlds.exports_crm import write_crm
from goodwill.worlds.exports_desk import write_desk
from goodwill.worlds.exports_email import write_email
from goodwill.worlds.exports_networks import write_networks
from goodwill.worlds.exports_site import write_site
from goodwill.worlds.exports_social import write_community
from goodwill.worlds.posts import draw_posts
from goodwill.worlds.sales import Sales, baselines, happen
from goodwill.worlds.settings import settings
from goodwill.worlds.tables import number_of
from goodwill.worlds.truth import NEVER, UNDECIDED, Floats, Truth

__all__ = ["WORLDS", "Truth", "World", "simulate"]


@dataclass(frozen=True)
class World:
    """One kind of company: its causes, its size and what it exports.

    ``is_noisy`` adds what real exports suffer from, and the exports that say nothing about the truth (posts, tickets,
    time sheets, bills).
    """

    name: str
    says: str
    causes: Causes
    accounts: int
    first_day: str
    weeks: int
    is_noisy: bool = False


#: First day (a Monday) and weeks: two years that end with 2024, three that end with 2025.
_TWO, _THREE = ("2023-01-02", 104), ("2023-01-02", 156)
#: A modest effect that a careful analysis of this many opportunities can see.
_DEMO = Causes(beta=0.4, win_base=-6.8, account_sd=0.3, season=0.5, venue_starts=(0, 0, 44, 61), untagged_share=0.3)
#: More people of an account do more; the baselines move so that the shares stay as they are.
_LARGE = replace(_DEMO, interest_median=20.5, people_per_account=11.3, win_base=-7.85, loss_base=-2.05, touch_base=-6.4)

WORLDS: dict[str, World] = {
    world.name: world
    for world in (
        World("null", "Social does nothing; interest drives both touches and wins.", Causes(), 900, *_TWO),
        World("effect", "The same, but a touch raises the weekly odds of a win.", Causes(beta=0.6), 900, *_TWO),
        World("demo", "Three years of one company on four venues, as messy as real.", _DEMO, 1_500, *_THREE, True),
        World("large", "The same with a million interactions and 50,000 people.", _LARGE, 4_460, *_THREE, True),
    )
}


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
    world = _known(name)
    tell = progress or (lambda _: None)
    tell("Years of a company")
    first_day = number_of(world.first_day)
    number = world.accounts if accounts is None else accounts
    history = happen(world.causes, accounts=number, first_day=first_day, weeks=world.weeks, seed=seed)
    company = name_all(name, history, seed=seed, is_noisy=world.is_noisy)
    exports = folder / "exports"
    exports.mkdir(parents=True, exist_ok=True)
    _write(world, company, exports, tell)
    text = settings(company, len(world.causes.venue_starts))
    (folder / "goodwill.toml").write_text(text, encoding="utf-8")
    truth = _truth(world, company)
    truth.save(folder)
    return truth


def _known(name: str) -> World:
    if name not in WORLDS:
        close = nearest(name, WORLDS)
        remedy = f"Did you mean {close}?" if close else f"There are {', '.join(WORLDS)}."
        raise GoodwillError(f"There is no simulated world {name!r}.", remedy=remedy)
    return WORLDS[name]


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
    if posts is not None:
        tell("LinkedIn, X, Mastodon, YouTube: our posts")
        write_networks(company, exports, posts)
        tell("Zendesk, Harvest, bills")
        write_desk(company, exports, world.causes.venue_starts)


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
        naive=_naive(sales),
    )


def _naive(sales: Sales) -> dict[str, float]:
    """The table everybody makes: among the decided, share won and mean days to a win, touched against untouched."""
    ended, touched = sales.decided < UNDECIDED, sales.touch_week < NEVER
    days = sales.decided - sales.opened
    told = {"share_touched": _mean(touched.astype(float))}
    for name, side in (("touched", touched), ("untouched", ~touched)):
        told[f"share_won_{name}"] = _mean(sales.won[ended & side].astype(float))
        told[f"days_to_win_{name}"] = _mean(days[sales.won & side].astype(float))
    told["risk_difference"] = told["share_won_touched"] - told["share_won_untouched"]
    return told


def _mean(values: Floats) -> float:
    """The mean; of nothing, zero."""
    return float(values.mean()) if len(values) else 0.0
