"""Does social increase what customers buy?"""

from __future__ import annotations

from dataclasses import replace

from goodwill.designs import randomised
from goodwill.designs.account_values import bought
from goodwill.designs.compared import Headline, carrying, verdict_of
from goodwill.designs.deal_comparison import compare
from goodwill.designs.deal_figures import deal_figures
from goodwill.designs.other_currencies import only_others
from goodwill.errors import CannotTell
from goodwill.registry import Question, Terms
from goodwill.verdicts import Verdict
from goodwill.warehouse import Tables

NAME = "sales"
ASKS = "Does social increase what customers buy?"
#: A tenth of what an opportunity brings: less is lost in the spread of deals.
MATTERS_SHARE = 0.1
#: What the amount is not.
REVENUE = "Value won is revenue, not margin: a return on what social costs needs the margin."
#: What a lead is worth, which has no amount of its own.
OF_LEADS = (
    "A lead won within the horizon is worth what its company has ordered from the day it became a lead to the last day "
    "that counts; one that has ordered nothing is worth nothing so far. Those won early had longer to order."
)
HEADLINE = Headline(
    unit="money",
    definition="value won",
    label="difference in value won per opportunity within {weeks} weeks",
    naive="difference in value won per decided opportunity in a plain table",
)
#: Of leads nothing need be recorded as lost: all of them are in the plain table.
LEADS = replace(
    HEADLINE,
    label="difference in value won per lead within {weeks} weeks",
    naive="difference in value won per lead in a plain table",
)


def ask(tables: Tables, terms: Terms) -> Verdict:
    """The difference in value won per opportunity, lost and open ones counted as nothing."""
    unit, wins, value = _brought(tables, terms)
    matters = MATTERS_SHARE * value
    base = Verdict(
        NAME,
        ASKS,
        figures=(*bought(tables, terms), *deal_figures(tables, terms.workspace.currency)),
        hoped=1,
        matters=matters or None,
        notes=(REVENUE, *randomised.remarks(tables, terms, NAME)),
        decision="whether social is worth its cost in what is sold",
    )
    if (tested := randomised.experiment_of(tables, terms, NAME)) is not None:
        return randomised.verdict(tested, base=base, headline=HEADLINE)
    with carrying(base.figures):
        if wins and not value:
            raise only_others(tables, "deals", terms.workspace.currency) or CannotTell(
                f"nothing that was won has a value in {terms.workspace.currency}",
                settles="the amounts of opportunities, or an export of orders that names who ordered",
                n=wins,
            )
        compared = compare(tables, terms, "worth", matters=matters)
    if unit == "lead":
        return verdict_of(compared, replace(base, notes=(*base.notes, OF_LEADS)), LEADS)
    return verdict_of(compared, base, HEADLINE)


def _brought(tables: Tables, terms: Terms) -> tuple[str | None, int, float]:
    """The unit, how many were won, and what one brought on average, those lost or open counted as nothing."""
    found = tables.rows(
        "SELECT min(unit) AS unit, count(*) FILTER (WHERE outcome = 'won') AS wins, "
        "coalesce(sum(amount) FILTER (WHERE outcome = 'won' AND coalesce(currency, $currency) = $currency), 0) "
        "/ greatest(count(*) FILTER (WHERE coalesce(currency, $currency) = $currency), 1) AS mean FROM deals",
        currency=terms.workspace.currency,
    )
    return found[0]["unit"], found[0]["wins"], float(found[0]["mean"] or 0.0)


QUESTION = Question(
    number=3,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=("opportunities with amounts", "interactions of people at those companies, or the channel of entry"),
    estimand="Value won per opportunity (or lead) by the horizon if the company's first social touch comes in a week "
    "in which it is open and untouched, minus the same if it stays untouched: averaged over all weeks in which such a "
    "touch could have come. Chance times worth: what is lost or open counts as nothing, and no amount is trimmed. "
    "Where touches carry no dates: the same if they come in through a social channel against otherwise. In an "
    "experiment: value won per company drawn, minus that of the others.",
    assumptions=(
        "Opportunities alike in everything adjusted for, as it was before a week, would have brought as much without a "
        "touch in it.",
        "A touch acts from the week after it happened.",
        "What is known of a win goes with its worth by the same ratios in both arms (a log-linear mean).",
    ),
    falsified_by=(
        "Companies swap their touches at random, or histories are made up, and an effect is left.",
        "The sign turns under half or twice the wash-out, or without one segment, owner or venue.",
        "The doubly robust difference per company, shown beside it, points the other way.",
    ),
    references=(
        "Hernán & Robins (2020), Causal Inference: What If, ch. 21 and 22.",
        "Gourieroux, Monfort & Trognon (1984), Pseudo maximum likelihood methods, Econometrica 52.",
        "Santos Silva & Tenreyro (2006), The log of gravity, Review of Economics and Statistics 88.",
        "Li, Morgan & Zaslavsky (2018), Balancing covariates via propensity score weighting, JASA 113.",
    ),
    definitions=(
        "value won",
        "target trial",
        "per protocol",
        "intention to treat",
        "overlap weights",
        "evidence grade",
    ),
)
