"""Are the people social brings new, or already ours?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from goodwill.designs import match_facts, new_checks, new_shares
from goodwill.designs.known_people import KNOWN, Met, met
from goodwill.designs.new_shares import FEWEST_PEOPLE, NAMES, Answer
from goodwill.designs.refused_rows import refused_remark
from goodwill.designs.shares import wilson
from goodwill.errors import CannotTell
from goodwill.registry import Question, Terms
from goodwill.verdicts import Evidence, Figure, Verdict
from goodwill.warehouse import Tables

NAME = "net_new"
ASKS = "Are the people social brings new, or already ours?"
PEOPLE = Evidence(
    "touch_classes",
    "SELECT * FROM touch_classes WHERE is_first AND class NOT IN ('employee', 'unresolved') AND is_recognisable "
    'AND NOT is_undated ORDER BY "at", source_file, source_row, person',
)
#: People, touches and leads of whose company it is known whether it was a customer then; staff is none of them.
CUSTOMERS = {
    "reach": (
        "people met on social whose company was a customer by then",
        "SELECT * FROM touch_classes WHERE is_first AND class NOT IN ('employee', 'unresolved')",
    ),
    "engagement": (
        "social touches by people whose company was a customer by then",
        "SELECT * FROM touch_classes WHERE class NOT IN ('employee', 'unresolved')",
    ),
    "leads": (
        "leads after a social touch whose company was a customer by then",
        """SELECT l.id, l.created_at, t.person, t.class, t.account_was, l.source_file, l.source_row
        FROM leads AS l
        JOIN resolved AS r ON r.node = l.person
        JOIN touch_classes AS t ON t.person = r.person AND t."at" < l.created_at
        WHERE t.class <> 'employee' AND l.created_at < $end
        QUALIFY row_number() OVER (PARTITION BY l.id ORDER BY t."at" DESC, t.source_file, t.source_row, t.verb) = 1""",
    ),
}
ORDERS = {"leads": " ORDER BY created_at, id"}
ORDER = ' ORDER BY "at", source_file, source_row, verb'
DATED = "SELECT count(known_at) AS n FROM person_known_since"
COUNTS = """
SELECT count(*) FILTER (WHERE is_first AND class = 'employee') AS staff, count(DISTINCT person) AS people,
    CAST(CAST(min("at") AS DATE) AS VARCHAR) AS first, CAST(CAST(max("at") AS DATE) AS VARCHAR) AS last
FROM touch_classes
"""
NOTES = (
    "New is who is in no record of ours made before their first social touch: a record made later does not make a "
    "person known, and a mailing list counts as a record. Where a record has a day and no hour, what happened on that "
    "day counts as before it.",
    "Our own staff is left out; partners, rivals and vendors count as not new, from the settings and the type of "
    "their company, whatever the day. Among people of whom no company is known as many are taken to be partners as "
    "among the others who were met there and have no record.",
    "Customers and former customers are told by contracts, orders and wins as they were on the day of the touch; "
    "without them they are among the other people we knew.",
    "Somebody met under several profiles counts once; how many of those matching took for two people is estimated from "
    "people two of whose profiles are known, with the key hidden.",
    "A row about a ticket or a deal is no card of whom it names. A role in a deal, which has no date, leaves open "
    "since when we knew somebody only where no dated card says so.",
)
#: What every answer says of itself.
BASE = Verdict(
    NAME,
    ASKS,
    population="everybody but our own staff who touched us on social, each at their first touch",
    unit="person",
    method="classes as of the instant before the touch; known people by exact key, and by probability times precision "
    "divided by recall, venue by venue",
    hoped=0,
    standing="described",
    notes=NOTES,
    decision="whether social is kept for finding new business or for looking after who is known",
)


def ask(tables: Tables, terms: Terms) -> Verdict:
    """The share of the people met on social who are new, corrected for known people who were not recognised."""
    counts = tables.rows(COUNTS)[0]
    if not counts["people"]:
        raise CannotTell(
            f"no social touch by anybody is in the exports{refused_remark(tables, 'interactions')}",
            settles="an export that names who reacted, commented or wrote, such as that of a community tool",
        )
    if not tables.rows(DATED)[0]["n"]:
        raise CannotTell(
            "no record says since when it knows somebody",
            settles="the CRM's contacts and leads with the date on which each was made",
            n=int(counts["people"]),
        )
    everybody = met(tables)
    base = replace(BASE, period=(counts["first"], counts["last"]), figures=_customers(tables, terms))
    if int((everybody.can_be_told & everybody.has_recall).sum()) < FEWEST_PEOPLE:
        return replace(_untold(base, everybody, terms), facts=_match_facts(everybody, tables, terms))
    return _told(base, new_shares.answer(everybody, terms), tables, terms, int(counts["staff"]))


def _told(base: Verdict, found: Answer, tables: Tables, terms: Terms, staff: int) -> Verdict:
    new, n, level = found.shares.new, found.shares.n, terms.workspace.level
    headline = Figure(
        NAME, "share of the people met on social who are new to us", new.value, "share", n=n, low=new.low,
        high=new.high, level=level, definition="net-new corrected", evidence=PEOPLE,
    )  # fmt: skip
    missing = new_shares.without_recall(found.met)
    notes = [
        f"Of pairs known to be one person, with their key hidden, matching finds: {new_checks.recalls(found.met)}."
    ]
    if missing:
        notes.append(f"Left out, as nobody measured how many are recognised: {', '.join(missing)}. "
                     f"To settle it: {new_shares.pairs_needed(missing)}.")  # fmt: skip
    return replace(
        base,
        headline=headline,
        naive=_naive(found.met, found.told, terms),
        figures=(*_shares(found, level), *base.figures),
        n=n,
        coverage={"people_who_can_be_told": n / len(found.met)},
        grade="C",
        checks=new_checks.checks(found, tables, terms) if terms.placebos else (),
        facts=_facts(found, tables, terms, staff),
        notes=(*base.notes, *notes),
    )


def _untold(base: Verdict, everybody: Met, terms: Terms) -> Verdict:
    """Too few people whose newness can be told; what looks new is an upper bound where no match is false."""
    able = everybody.can_be_told
    missing = new_shares.without_recall(everybody)
    if able.sum() < FEWEST_PEOPLE:
        said = f"only {int(able.sum())} people acted on social under a name or address"
        settles = "an export of the network or community tool with names, companies or addresses"
    else:
        said = f"nobody measured how many known people are recognised on {' and on '.join(missing)}"
        settles = new_shares.pairs_needed(missing)
    naive = _naive(everybody, able, terms)
    return replace(
        base,
        naive=naive if able.any() else None,
        n=int(able.sum()),
        standing="cannot tell",
        missing=said,
        settles=settles,
    )


def _naive(everybody: Met, some: Any, terms: Terms) -> Figure:
    """Everybody whom nothing recognised, taken for new."""
    of = (int((everybody.known_as[some] < 0).sum()), int(some.sum()), terms.workspace.level)
    return _plain_share("naive", "share not recognised as known, as a plain match says", of, PEOPLE)


def _plain_share(name: str, label: str, of: tuple[int, int, float], evidence: Evidence) -> Figure:
    """So many of so many, nothing corrected; rounding must not put an end of the interval past the share."""
    share, low, high = wilson(*of)
    return Figure(name, label, share, "share", n=of[1], low=min(low, share), high=max(high, share), level=of[2],
                  definition="net-new class", evidence=evidence)  # fmt: skip


def _shares(found: Answer, level: float) -> tuple[Figure, ...]:
    """The corrected share of each class, and the ends of what is possible among all people."""
    figures = [
        Figure(f"share_{name}", NAMES[name], share.value, "share", n=found.shares.n, low=share.low, high=share.high,
               level=level, definition="net-new class", evidence=PEOPLE)
        for name, share in zip(KNOWN, found.shares.classes, strict=True)
    ]  # fmt: skip
    figures += [
        Figure(f"share_{name}", NAMES[name], share, "share", n=found.shares.n, definition="net-new class",
               evidence=PEOPLE)
        for name, share in new_shares.split_by_company(found).items()
    ]  # fmt: skip
    for name, end, value in zip(("least", "most"), ("smallest", "largest"), found.bounds, strict=True):
        label = f"{end} share of new people among all, whatever those are who cannot be told"
        figures.append(Figure(f"{name}_new", label, value, "share", n=len(found.met), definition="net-new corrected"))
    undated = int(found.met.columns["is_undated"].sum())
    if undated:
        label = "people of whom only an undated record is known: neither known nor new"
        figures.append(Figure("undated", label, float(undated), "count", evidence=_rows("is_first AND is_undated")))
    return tuple(figures)


def _customers(tables: Tables, terms: Terms) -> tuple[Figure, ...]:
    """The shares of reach, engagement and leads that are existing customers."""
    figures = []
    for name, (label, sql) in CUSTOMERS.items():
        rows = sql.replace("$end", f"TIMESTAMP '{terms.end:%Y-%m-%d %H:%M:%S}'")
        count = tables.rows(
            f"SELECT count(*) AS n, count(*) FILTER (WHERE account_was = 'customer') AS customers FROM ({rows})"
        )[0]
        if count["n"]:
            of = (int(count["customers"]), int(count["n"]), terms.workspace.level)
            evidence = Evidence("touch_classes", rows + ORDERS.get(name, ORDER))
            figures.append(_plain_share(f"customers_{name}", label, of, evidence))
    return tuple(figures)


def _facts(found: Answer, tables: Tables, terms: Terms, staff: int) -> dict[str, list[dict[str, Any]]]:
    if not terms.placebos:
        return {}
    facts = {
        "waterfall": new_shares.waterfall(found, staff),
        "new_by_class": new_shares.by_class(found),
        "new_by_venue": new_shares.by_venue(found, terms),
        "new_by_month": new_shares.by_month(found, terms),
        "new_by_campaign": new_shares.by_campaign(found, terms),
        **_match_facts(found.met, tables, terms),
    }
    return {name: rows for name, rows in facts.items() if rows}


def _match_facts(everybody: Met, tables: Tables, terms: Terms) -> dict[str, list[dict[str, Any]]]:
    """How well people are matched, as far as the workspace tells; told too where the question itself is not."""
    if not terms.placebos:
        return {}
    level = terms.workspace.level
    facts = {
        "match_recall": match_facts.recall(everybody, level),
        "match_calibration": match_facts.calibration(tables, level),
    }
    return {name: rows for name, rows in facts.items() if rows}


def _rows(where: str) -> Evidence:
    return Evidence("touch_classes", f"SELECT * FROM touch_classes WHERE {where}{ORDER}")


QUESTION = Question(
    number=5,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=(
        "interactions that name who acted",
        "people and leads with the date on which each record was made",
        "pairs of records known to be one person, to measure how many matching finds",
    ),
    estimand="Of the people, our own staff aside, who acted on social under a name or address: the share who were in "
    "no record of ours the instant before their first social touch. Everybody recognised by an exact key is counted as "
    "they are; those recognised by probability are multiplied by the precision and divided by the recall of matching "
    "on their venue.",
    assumptions=(
        "Known people whose keys nobody recorded are recognised as often as those whose keys were hidden.",
        "The probability of a match is calibrated.",
        "People who do not tell their company are as often partners as those who do.",
        "A record's date is that on which we came to know the person, not that of an import.",
        "Who acts under a name or address is as often new as who does not; bounds without this stand beside.",
    ),
    falsified_by=(
        "The corrected share differs between venues that recognise people well and badly.",
        "It leaves its interval when recall is ten points off, or records a week late.",
        "A large part of all records was made on one day.",
        "People met under an e-mail address, as exact keys find them, show another share.",
    ),
    is_pooled=False,
    references=(
        "Rogan & Gladen (1978), Estimating prevalence from the results of a screening test, Am J Epidemiol 107.",
        "Horvitz & Thompson (1952), A generalization of sampling without replacement, J Am Stat Assoc 47.",
        "Barron (1977), The effects of misclassification on the estimation of relative risk, Biometrics 33.",
        "Rubin (1981), The Bayesian bootstrap, Annals of Statistics 9.",
    ),
    definitions=("net-new class", "net-new corrected", "match recall", "match precision", "evidence grade"),
)
