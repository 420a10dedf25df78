"""Attempts to break the share of new people: other recalls and dates, undated records, keys only, venues apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from scipy import special

from goodwill.designs.known_people import KNOWN, Met
from goodwill.designs.new_shares import FEWEST_PEOPLE, Answer, Flags, of
from goodwill.errors import CannotTell
from goodwill.estimators.misclassification import Match, Share, corrected
from goodwill.registry import Terms
from goodwill.verdicts import Check
from goodwill.verdicts.could_not_run import CONDEMNS, could_not_run
from goodwill.warehouse import Tables

#: What a recall measured on known pairs may be off by for people whose keys nobody knows.
RECALL_OFF = 0.1
#: A week is as late as a meeting or a card usually gets into the CRM.
DAYS_LATE = 7
#: More than a fifth of all records made on one day is an import: the day says nothing about since when we knew them.
MOST_ON_ONE_DAY = 0.2
BUSIEST_DAY = """
WITH days AS (
    SELECT CAST(known_at AS DATE) AS day, count(*) AS records
    FROM person_known_since
    WHERE kind = 'contact' AND known_at IS NOT NULL
    GROUP BY 1
)
SELECT max(records) AS most, sum(records) AS records FROM days
"""


def checks(found: Answer, tables: Tables, terms: Terms) -> tuple[Check, ...]:
    """All attempts; none of them overturns a description, and each that fails is shown."""
    return (
        other_recalls(found, terms),
        other_dates(found, terms),
        undated(found, terms),
        addresses_only(found, terms),
        venues_agree(found, terms),
        imported(tables),
    )


def other_recalls(found: Answer, terms: Terms) -> Check:
    """Does the answer stay within its interval if recall is off by ten points either way?"""
    tried = "the share of known people whom matching finds was taken to be ten points lower, and ten points higher"
    values = []
    for off in (-RECALL_OFF, RECALL_OFF):
        matches = {s: _moved(match, off) for s, match in found.met.matches.items()}
        values.append(of(replace(found.met, matches=matches), found.told, terms).new.value)
    return _within("recall varied", tried, found.shares.new, {"lower": values[0], "higher": values[1]})


def other_dates(found: Answer, terms: Terms) -> Check:
    """Does the answer stay within its interval if records were made a week later, or earlier, than we knew people?"""
    tried = f"every record was dated {DAYS_LATE} days earlier, and {DAYS_LATE} days later"
    met, values = found.met, {}
    at, known_at = (met.columns[name].astype("datetime64[s]") for name in ("at", "known_at"))
    for name, days in (("earlier", -DAYS_LATE), ("later", DAYS_LATE)):
        is_known = known_at + np.timedelta64(days, "D") < at  # where there is no record, this is false
        classes = np.where(is_known, np.where(met.known_as < 0, KNOWN.index("known_lead"), met.known_as), -1)
        classes = np.where(met.known_as == KNOWN.index("partner_or_rival"), met.known_as, classes)
        people = met.people(classes).take(found.told)
        values[name] = corrected(people, met.matches, classes=len(KNOWN), seed=terms.seed).new.value
    return _within("record dates moved", tried, found.shares.new, values)


def undated(found: Answer, terms: Terms) -> Check:
    """Does the answer stay within its interval whether people with an undated record were known or new?"""
    tried = "people whose only records have no date were all taken for known, and all for new"
    met = found.met
    extra = met.columns["is_undated"] & met.columns["is_recognisable"] & met.has_recall & (met.known_as < 0)
    if not extra.any():
        return could_not_run("undated records", tried, "there is nobody of whom only an undated record is known",
                             decisive=False)  # fmt: skip
    values = {}
    for name, taken in (("all known", KNOWN.index("known_lead")), ("all new", -1)):
        people = met.people(np.where(extra, taken, met.known_as))
        people = replace(people, is_exact=people.is_exact | (extra & (taken >= 0)))
        shares = corrected(people.take(found.told | extra), met.matches, classes=len(KNOWN), seed=terms.seed)
        values[name] = shares.new.value
    return _within("undated records", tried, found.shares.new, values)


def addresses_only(found: Answer, terms: Terms) -> Check:
    """Do people met under an e-mail address, whom an exact key finds, show the same share as the others?"""
    tried = "only people met under an e-mail address, as a key finds them, were counted"
    by_address = np.char.startswith(found.met.columns["actor"].astype(str), "email:")
    return _apart("people with an exact key", tried, (found.told & by_address, found.told & ~by_address), found, terms)


def venues_agree(found: Answer, terms: Terms) -> Check:
    """Does the corrected share no longer depend on how well a venue recognises people?"""
    tried = "the corrected share was compared between the venue that recognises people best and the one that does worst"
    met = found.met
    enough = [s for s, match in met.matches.items()
              if match.recall and (found.told & (met.stratum == s)).sum() >= FEWEST_PEOPLE]  # fmt: skip
    if len(enough) < 2:
        why = f"fewer than two venues have {FEWEST_PEOPLE} people and a measured recall"
        return could_not_run("venues agree", tried, why, decisive=False)
    ranked = sorted(enough, key=lambda s: met.matches[s].recall or 0.0)
    sides = tuple(found.told & (met.stratum == s) for s in (ranked[-1], ranked[0]))
    return _apart("venues agree", tried, (sides[0], sides[1]), found, terms)


def imported(tables: Tables) -> Check:
    """Were records made day by day, or on the day of an import?"""
    tried = "the day on which most records were made was looked for"
    row = tables.rows(BUSIEST_DAY)[0]
    if not row["records"]:
        return could_not_run("records made one by one", tried, "no contact has a date", decisive=False)
    share = float(row["most"]) / float(row["records"])
    result = f"{share:.0%} of {row['records']:,} dated contacts were made on one day"
    return Check("records made one by one", tried, result, share <= MOST_ON_ONE_DAY, False)


def _moved(match: Match, off: float) -> Match:
    """The same pairs with another share of them found; never none, and never too few to say so."""
    if match.recall is None:
        return match
    moved = min(max(match.recall + off, 0.05), 1.0)
    return replace(match, weighted=(moved, moved, moved))


def _within(name: str, tried: str, new: Share, values: Mapping[str, float]) -> Check:
    told = "; ".join(f"{what}: {value:.1%}" for what, value in values.items())
    result = f"{told}, where the interval is {new.low:.1%} to {new.high:.1%}"
    return Check(name, tried, result, all(new.low <= value <= new.high for value in values.values()), False)


def _apart(name: str, tried: str, sides: tuple[Flags, Flags], found: Answer, terms: Terms) -> Check:
    """Two groups whose shares should differ by no more than chance."""
    if min(int(side.sum()) for side in sides) < FEWEST_PEOPLE:
        return could_not_run(name, tried, f"one side has fewer than {FEWEST_PEOPLE} people", decisive=False)
    try:
        one, other = (of(found.met, side, terms).new for side in sides)
    except CannotTell as cannot:
        return could_not_run(name, tried, cannot.missing, decisive=False)
    reach = 2 * float(special.ndtri(0.5 + terms.workspace.level / 2))
    se = float(np.hypot(one.high - one.low, other.high - other.low)) / reach
    z = abs(one.value - other.value) / se if se > 0 else 0.0
    p = 2 * float(special.ndtr(-z))
    result = f"{one.value:.1%} against {other.value:.1%} (p = {p:.3f})"
    return Check(name, tried, result, p >= CONDEMNS, False)


def recalls(met: Met) -> str:
    """How well each system or network recognises people, in words."""
    parts = [f"{met.strata[s]} {match.recall:.0%} of {match.known:,} known pairs"
             for s, match in sorted(met.matches.items()) if match.recall is not None]  # fmt: skip
    return ", ".join(parts)
