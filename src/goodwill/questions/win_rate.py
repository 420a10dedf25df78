"""Does social raise the chance that an opportunity is won?"""

from __future__ import annotations

from goodwill.designs import randomised
from goodwill.designs.compared import Headline, carrying, verdict_of
from goodwill.designs.deal_comparison import compare
from goodwill.designs.deal_figures import deal_figures
from goodwill.registry import Question, Terms
from goodwill.verdicts import Verdict
from goodwill.warehouse import Tables

NAME = "win_rate"
ASKS = "Does social raise the chance that an opportunity is won?"
#: Five points of win rate: about a quarter of the usual fifth to third of deals won, the least that changes a budget.
MATTERS = 0.05


HEADLINE = Headline(
    unit="points",
    definition="win rate B",
    label="difference in the share won within {weeks} weeks",
    naive="difference with social against without, in a plain table",
)


def ask(tables: Tables, terms: Terms) -> Verdict:
    """The difference in the share won within the horizon, with social and without."""
    base = Verdict(
        NAME,
        ASKS,
        figures=deal_figures(tables, terms.workspace.currency),
        hoped=1,
        matters=MATTERS,
        notes=randomised.remarks(tables, terms, NAME),
        decision="whether to put more or less into social to win deals",
    )
    if (tested := randomised.experiment_of(tables, terms, NAME)) is not None:
        return randomised.verdict(tested, base=base, headline=HEADLINE)
    with carrying(base.figures):
        compared = compare(tables, terms, "chance", matters=MATTERS)
    return verdict_of(compared, base, HEADLINE)


QUESTION = Question(
    number=1,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=("opportunities or leads", "interactions of people at those companies, or the channel of entry"),
    estimand="The share of deals won within the horizon if the company's first social touch comes in a week in which "
    "the deal is open and untouched, minus the share if it stays untouched: averaged over all weeks in which such a "
    "touch could have come, and counted from the week after. Where touches carry no dates: the share won if deals come "
    "in through a social channel, minus the share if they come in otherwise. In an experiment: the share won of the "
    "deals of companies that were drawn, minus that of the others.",
    assumptions=(
        "Deals alike in everything adjusted for, as it was before a week, would have fared alike without a touch.",
        "Deals that stay untouched stand for those touched after all, once alike in what was known before each week.",
        "A touch acts from the week after it happened; early and late effects may differ.",
        "Touches of one company do not move another company's deals.",
        "A deal that is still open has the same prospects as others alike and open as long.",
    ),
    falsified_by=(
        "Companies swap their touches at random, and an effect is left (the method makes effects from nothing).",
        "Made-up histories of touches give an effect (immortal time).",
        "Touches after the decision go with the decision (selection).",
        "The sign turns under half or twice the wash-out, or without one segment, owner or venue.",
    ),
    references=(
        "Hernán & Robins (2020), Causal Inference: What If, ch. 12, 17, 21 and 22.",
        "Danaei et al. (2013), Observational data for comparative effectiveness research, Stat Methods Med Res 22.",
        "Suissa (2008), Immortal time bias in pharmacoepidemiology, Am J Epidemiol 167.",
        "Young et al. (2020), A causal framework for classical statistical estimands in failure-time settings with "
        "competing events, Statistics in Medicine 39.",
        "Chernozhukov et al. (2018), Double/debiased machine learning, Econometrics Journal 21.",
        "Li, Morgan & Zaslavsky (2018), Balancing covariates via propensity score weighting, JASA 113.",
    ),
    definitions=(
        "win rate A",
        "win rate B",
        "target trial",
        "per protocol",
        "intention to treat",
        "wash-out",
        "competing risks",
        "overlap weights",
        "tipping point",
        "evidence grade",
    ),
)
