"""Does social shorten the time to a win?"""

from __future__ import annotations

from goodwill.designs import randomised
from goodwill.designs.compared import Headline, carrying, verdict_of
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


HEADLINE = Headline(
    unit="days",
    definition="sales cycle",
    label="difference in mean days to a win, counted up to {weeks} weeks",
    naive="difference in days of won deals in a plain table",
)


def ask(tables: Tables, terms: Terms) -> Verdict:
    """The difference in restricted mean time to a win, with social and without; fewer days are better."""
    base = Verdict(
        NAME,
        ASKS,
        figures=deal_figures(tables, terms.workspace.currency),
        hoped=-1,
        matters=MATTERS,
        notes=(BOTH, *randomised.remarks(tables, terms, NAME)),
        decision="whether to expect wins sooner; read it together with the win rate",
    )
    if (tested := randomised.experiment_of(tables, terms, NAME)) is not None:
        return randomised.verdict(tested, base=base, headline=HEADLINE)
    with carrying(base.figures):
        compared = compare(tables, terms, "days", matters=MATTERS)
    return verdict_of(compared, base, HEADLINE)


QUESTION = Question(
    number=2,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=("opportunities or leads", "interactions of people at those companies, or the channel of entry"),
    estimand="Mean days to a win, counted up to the horizon (a deal lost or still open counts with the whole horizon), "
    "if the company's first social touch comes in a week in which the deal is open and untouched, minus the same if it "
    "stays untouched: averaged over all weeks in which such a touch could have come, and counted from the week after. "
    "Where touches carry no dates: the same if deals come in through a social channel against otherwise. In an "
    "experiment: between deals of companies that were drawn and of the others.",
    assumptions=(
        "Deals alike in everything adjusted for, as it was before a week, would have fared alike without a touch.",
        "Deals that stay untouched stand for those touched after all, once alike in what was known before each week.",
        "A touch acts from the week after it happened; early and late effects may differ.",
        "The measure joins two things: more wins and faster wins. The curves show which of the two it is.",
    ),
    falsified_by=(
        "Companies swap their touches at random, and an effect is left (the method makes effects from nothing).",
        "Made-up histories of touches give an effect (immortal time: long deals have more time to be touched).",
        "Touches after the decision go with the decision (selection).",
        "The sign turns under half or twice the wash-out, or without one segment, owner or venue.",
    ),
    references=(
        "Royston & Parmar (2013), Restricted mean survival time, BMC Med Res Methodol 13.",
        "Andersen (2013), Decomposition of number of life years lost according to causes of death, Stat Med 32.",
        "Hernán & Robins (2020), Causal Inference: What If, ch. 17 and 21.",
    ),
    definitions=(
        "sales cycle",
        "restricted mean time",
        "cumulative incidence",
        "target trial",
        "per protocol",
        "intention to treat",
        "evidence grade",
    ),
)
