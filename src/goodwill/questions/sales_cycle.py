"""Does social shorten the time to a win?"""

from __future__ import annotations

from goodwill.designs.compared import carrying, verdict_of
from goodwill.designs.deal_comparison import compare
from goodwill.designs.deal_figures import deal_figures
from goodwill.registry import Question, Terms
from goodwill.verdicts import Verdict
from goodwill.warehouse import Tables

NAME = "sales_cycle"
ASKS = "Does social shorten the time to a win?"
#: A week: less is within the noise of when somebody updates the CRM.
MATTERS = 7.0
#: What a restricted mean joins.
BOTH = "More wins and faster wins both shorten this measure: where the win rate rises too, much of it is more wins."


def ask(tables: Tables, terms: Terms) -> Verdict:
    """The difference in restricted mean time to a win, with social and without; fewer days are better."""
    figures = deal_figures(tables)
    with carrying(figures):
        compared, found = compare(tables, terms, "days")
    headline = {
        "unit": "days",
        "definition": "sales cycle",
        "label": "difference in mean days to a win, counted up to {weeks} weeks",
        "naive": "difference in days of won deals in a plain table",
    }
    fields = verdict_of(compared, found, Verdict(NAME, ASKS), headline)
    return Verdict(
        **fields | {"notes": (BOTH, *fields["notes"])},
        figures=(*compared.figures, *figures),
        hoped=-1,
        matters=MATTERS,
        decision="whether to expect wins sooner; read it together with the win rate",
    )


QUESTION = Question(
    number=2,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=("opportunities or leads", "interactions of people at those companies, or the channel of entry"),
    estimand="Mean days to a win, counted up to the horizon (a deal lost or still open counts with the whole horizon), "
    "if every company had a first social touch in the week a deal opens, minus the same if none had any.",
    assumptions=(
        "Deals alike in everything adjusted for would have fared alike without the touch.",
        "A touch acts from the week after it happened and goes on acting.",
        "The measure joins two things: more wins and faster wins. The curves show which of the two it is.",
    ),
    falsified_by=(
        "Exposure dealt out at random gives an effect (the pipeline makes effects from nothing).",
        "Made-up dates give an effect (immortal time: long deals have more time to be touched).",
        "Touches after the decision go with the decision (selection).",
    ),
    references=(
        "Royston & Parmar (2013), Restricted mean survival time, BMC Med Res Methodol 13.",
        "Aalen & Johansen (1978), An empirical transition matrix for non-homogeneous Markov chains.",
        "Hernán & Robins (2020), Causal Inference: What If, ch. 17.",
    ),
    definitions=("sales cycle", "evidence grade"),
)
