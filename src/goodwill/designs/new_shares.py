"""What share of the people met on social are new: in all, by class, venue, month and campaign, and step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from goodwill.designs.known_people import KNOWN, NEW, Met
from goodwill.designs.shares import wilson
from goodwill.estimators.misclassification import FEWEST_PAIRS, Corrected, corrected, overall, true_shares
from goodwill.registry import Terms

#: Of fewer people the interval of a share spans more than a third of what is possible.
FEWEST_PEOPLE = 20
#: Campaigns shown: those with most people.
MOST_CAMPAIGNS = 20
#: What each class is called where a number stands beside it.
NAMES = {
    "customer": "customers",
    "ex_customer": "former customers",
    "open_opportunity": "contacts of an open opportunity",
    "known_lead": "other people we knew",
    "partner_or_rival": "partners, rivals and vendors",
    "new_person_known_account": "new people at companies we knew",
    "new_person_new_account": "new people at new companies",
    "employee": "our own staff",
    "unresolved": "not recognisable",
}

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Answer:
    """The corrected shares of those who can be told, what is left of all others, and how it came about."""

    met: Met
    told: Flags
    shares: Corrected
    bounds: tuple[float, float]


def answer(met: Met, terms: Terms) -> Answer:
    """The share of new people among those who can be told, and bounds on that share among all.

    Raises
    ------
    CannotTell
        Where nobody can be told.
    """
    told = met.can_be_told & met.has_recall
    shares = of(met, told, terms)
    # of those set aside, whom a key ties to an earlier record is known all the same
    aside = ~told & (met.known_as < 0)
    known_aside = int((~told).sum() - aside.sum())
    low, high = overall(shares.new, told=int(told.sum()), untold=int(aside.sum()))
    part = 1 - known_aside / len(met)
    return Answer(met, told, shares, (low * part, high * part))


def of(met: Met, some: Flags, terms: Terms) -> Corrected:
    """The corrected shares of some of them."""
    workspace = terms.workspace
    people = met.people().take(some)
    return corrected(people, met.matches, classes=len(KNOWN), level=workspace.level, seed=terms.seed)


def split_by_company(found: Answer) -> dict[str, float]:
    """New people at companies we knew and at new companies, corrected too; empty where nobody measured companies.

    A person missed is met at a company that is known: it is seen as such as often as companies are recognised.
    """
    recall = found.met.accounts.recall if found.met.accounts is not None else None
    if recall is None:
        return {}
    classes = found.met.columns["class"][found.told]
    at_known = float((classes == NEW[0]).mean())
    known = 1 - found.shares.new.value
    seen = max(0.0, known - found.shares.missed)
    rate = seen / known if known else 1.0
    confusion = np.array(
        [[rate, (1 - rate) * recall, (1 - rate) * (1 - recall)], [0, recall, 1 - recall], [0, 0, 1]], dtype=float
    )
    shares = true_shares(np.array([seen, at_known, max(0.0, 1 - seen - at_known)]), confusion)
    new = shares[1:] / max(shares[1:].sum(), 1e-12) * found.shares.new.value  # the headline stays what it is
    return dict(zip(NEW, map(float, new), strict=True))


def waterfall(found: Answer, staff: int) -> list[dict[str, Any]]:
    """All people met on social, less whom we had already, step by step, to those who are new.

    ``kind`` is all, minus (who is taken away), seen (left before the correction), missed (taken away by it) or mistaken
    (brought back by it), and total. Nothing but people is told, so that few people can be hidden.
    """
    classes, told = found.met.columns["class"], found.told
    n = int(told.sum())
    steps = [("our own staff", staff), ("cannot be told", len(found.met) - n)]
    steps += [(NAMES[name], int((told & (classes == name)).sum())) for name in ("partner_or_rival", *KNOWN[:4])]
    seen, new = int((told & (found.met.known_as < 0)).sum()), round(found.shares.new.value * found.shares.people)
    rows: list[dict[str, Any]] = [{"step": "people met on social", "kind": "all", "people": len(found.met) + staff}]
    rows += [{"step": name, "kind": "minus", "people": count} for name, count in steps if count]
    kind = "missed" if new <= seen else "mistaken"
    name = "known and not recognised, or counted twice" if new <= seen else "new and taken for somebody known"
    rows.append({"step": "look new", "kind": "seen", "people": seen})
    rows.append({"step": name, "kind": kind, "people": abs(seen - new)})
    return [*rows, {"step": "new people", "kind": "total", "people": new}]


def by_class(found: Answer) -> list[dict[str, Any]]:
    """Each class: how many as recognised, their share, and the corrected share."""
    classes, shares = found.met.columns["class"], found.shares
    n, split = int(found.told.sum()), split_by_company(found)
    counts = {name: int((found.told & (classes == name)).sum()) for name in (*KNOWN, *NEW)}
    rows: list[dict[str, Any]] = [
        {"class": NAMES[name], "n": counts[name], "naive": counts[name] / n, "share": share.value,
         "low": share.low, "high": share.high}
        for name, share in zip(KNOWN, shares.classes, strict=True)
    ]  # fmt: skip
    for name in NEW:
        rows.append({"class": NAMES[name], "n": counts[name], "naive": counts[name] / n, "share": split.get(name),
                     "low": None, "high": None})  # fmt: skip
    new = sum(counts[name] for name in NEW)
    rows.append({"class": "new people in all", "n": new, "naive": shares.naive_new, "share": shares.new.value,
                 "low": shares.new.low, "high": shares.new.high})  # fmt: skip
    return rows


def by_group(found: Answer, labels: NDArray[Any], name: str, terms: Terms) -> list[dict[str, Any]]:
    """The naive and the corrected share of new people in each group; the naive one alone where there are too few."""
    rows = []
    for label in sorted(set(labels[found.met.can_be_told].tolist())):
        here = found.met.can_be_told & (labels == label)
        told = here & found.told
        naive = wilson(int((found.met.known_as[here] < 0).sum()), int(here.sum()), terms.workspace.level)[0]
        row: dict[str, Any] = {name: str(label), "n": int(here.sum()), "naive": naive, "share": None, "low": None,
                               "high": None}  # fmt: skip
        if told.sum() >= FEWEST_PEOPLE and told.sum() == here.sum():
            new = of(found.met, told, terms).new
            row |= {"share": new.value, "low": new.low, "high": new.high}
        rows.append(row)
    return rows


def by_venue(found: Answer, terms: Terms) -> list[dict[str, Any]]:
    """By venue, with the share of known people whom matching finds there, or what would tell it."""
    rows = by_group(found, found.met.columns["venue"].astype(str), "venue", terms)
    for row in rows:
        here = found.met.can_be_told & (found.met.columns["venue"].astype(str) == row["venue"])
        strata = sorted(set(found.met.stratum[here].tolist()))
        recalls = [match.recall for s in strata if (match := found.met.matches.get(s)) is not None]
        known = [recall for recall in recalls if recall is not None]
        row["recall"] = sum(known) / len(known) if known and len(known) == len(strata) else None
    return rows


def by_month(found: Answer, terms: Terms) -> list[dict[str, Any]]:
    """By the month of the first touch."""
    return by_group(found, found.met.columns["at"].astype("datetime64[M]").astype(str), "month", terms)


def by_campaign(found: Answer, terms: Terms) -> list[dict[str, Any]]:
    """By the campaign of the first touch, those with most people; none where no export names campaigns."""
    labels = found.met.columns["campaign"].astype(str)
    names, counts = np.unique(labels[(labels != "") & found.met.can_be_told], return_counts=True)
    most = names[np.argsort(-counts, kind="stable")][:MOST_CAMPAIGNS]
    rows = by_group(found, np.where(np.isin(labels, most), labels, ""), "campaign", terms)
    return [row for row in rows if row["campaign"]]


def without_recall(met: Met) -> tuple[str, ...]:
    """The systems and networks where people were met and nobody measured how many are recognised."""
    missing = met.stratum[met.can_be_told & ~met.has_recall]
    return tuple(met.strata[number] for number in sorted(set(missing.tolist())))


def pairs_needed(venues: Sequence[str]) -> str:
    """What would tell how well people are recognised there."""
    return (
        f"30 pairs of people known to be the same ({FEWEST_PAIRS} at least) on {' and on '.join(venues)}: a CRM export "
        "with links to their profiles, an export with a second key of theirs (such as an address), or pairs that you "
        "know, told with: goodwill review --same NODE NODE --reason WHY (many at once from a spreadsheet: --from FILE)"
    )
