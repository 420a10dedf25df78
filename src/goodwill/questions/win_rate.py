"""Does social raise the chance that an opportunity is won?"""

from __future__ import annotations

from goodwill.designs.compared import carrying, verdict_of
from goodwill.designs.deal_comparison import compare
from goodwill.designs.deal_figures import deal_figures
from goodwill.registry import Question, Terms
from goodwill.verdicts import Verdict
from goodwill.warehouse import Tables

NAME = "win_rate"
ASKS = "Does social raise the chance that an opportunity is won?"
#: Five points of win rate: about a quarter of the usual fifth to third of deals won, the least that changes a budget.
MATTERS = 0.05


def ask(tables: Tables, terms: Terms) -> Verdict:
    """The difference in the share won within the horizon, with social and without."""
    figures = deal_figures(tables)
    with carrying(figures):
        compared, found = compare(tables, terms, "chance")
    headline = {
        "unit": "points",
        "definition": "win rate B",
        "label": "difference in the share won within {weeks} weeks",
        "naive": "difference between touched and untouched in a plain table",
    }
    fields = verdict_of(compared, found, Verdict(NAME, ASKS), headline)
    return Verdict(
        **fields,
        figures=(*compared.figures, *figures),
        hoped=1,
        matters=MATTERS,
        decision="whether to put more or less into social to win deals",
    )


QUESTION = Question(
    number=1,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=("opportunities or leads", "interactions of people at those companies, or the channel of entry"),
    estimand="The share of deals won within the horizon if every company had a first social touch in the week a deal "
    "opens, minus the share if none had any while it is open.",
    assumptions=(
        "Deals alike in everything adjusted for would have fared alike without the touch.",
        "A touch acts from the week after it happened and goes on acting.",
        "Touches of one company do not move another company's deals.",
        "A deal that is still open has the same prospects as others open as long.",
    ),
    falsified_by=(
        "Exposure dealt out at random gives an effect (the pipeline makes effects from nothing).",
        "Made-up dates give an effect (immortal time).",
        "Touches after the decision go with the decision (selection).",
    ),
    references=(
        "Hernán & Robins (2020), Causal Inference: What If, ch. 17 and 22.",
        "Suissa (2008), Immortal time bias in pharmacoepidemiology, Am J Epidemiol 167.",
        "Chernozhukov et al. (2018), Double/debiased machine learning, Econometrics Journal 21.",
    ),
    definitions=("win rate A", "win rate B", "evidence grade"),
)
