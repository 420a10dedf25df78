"""Where in the funnel does social act, and where do leads get stuck?"""

from __future__ import annotations

from dataclasses import replace

from goodwill.designs import randomised
from goodwill.designs.account_trials import won_per_account
from goodwill.designs.compared import Headline, verdict_of
from goodwill.designs.stages import stuck
from goodwill.errors import CannotTell
from goodwill.registry import Question, Terms
from goodwill.verdicts import Verdict
from goodwill.warehouse import Tables

NAME = "funnel"
ASKS = "Where in the funnel does social act, and where do deals get stuck?"
#: One win more per hundred companies within the horizon: a tenth of what sales teams usually win.
MATTERS = 0.01
#: Why companies come first.
ELIGIBLE = (
    "All eligible companies are counted, not only those that became an opportunity: a comparison among opportunities "
    "alone is wrong where social changes who becomes one."
)
HEADLINE = Headline(
    unit="points",
    definition="wins per company",
    label="difference in the share of eligible companies with a first win within {weeks} weeks",
    naive="difference between companies ever touched and never touched, in a plain table",
)


def ask(tables: Tables, terms: Terms) -> Verdict:
    """Wins per eligible company, step by step, with social and without; and the time in each stage."""
    stays = stuck(tables, terms)
    base = Verdict(
        NAME,
        ASKS,
        hoped=1,
        matters=MATTERS,
        notes=(ELIGIBLE, *randomised.remarks(tables, terms, NAME)),
        facts={"stuck": stays} if stays else {},
        decision="whether to use social to open opportunities, to win them, or neither",
    )
    try:
        tested = randomised.experiment_of(tables, terms, NAME)
        if tested is not None:
            return randomised.verdict(tested, base=base, headline=HEADLINE)
        verdict = verdict_of(won_per_account(tables, terms, matters=MATTERS), base, HEADLINE)
    except CannotTell as cannot:
        return replace(base, n=cannot.n, missing=cannot.missing, settles=cannot.settles)
    return replace(verdict, facts={**verdict.facts, **base.facts})


QUESTION = Question(
    number=6,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=("opportunities", "companies or contacts with the date since when they are known", "interactions"),
    estimand="The share of eligible companies (known, without an open opportunity, untouched for half a year unless "
    "set otherwise) with a first win within the horizon if they are touched in a month, minus the share if they stay "
    "untouched: averaged over all months in which they could have been touched. Beside it the same as a ratio, parted "
    "into more opportunities per company and more wins per opportunity. In an experiment: the share of companies with "
    "a win among those drawn, minus that among the others.",
    assumptions=(
        "Companies alike in everything adjusted for, as it was before a month, would have bought alike untouched.",
        "A touch acts from the month after it happened.",
        "The CRM knows companies before they become an opportunity, not because of it.",
    ),
    falsified_by=(
        "Companies swap their touches at random, or histories are made up, and an effect is left.",
        "Many companies were entered in the CRM on the day of their first opportunity: then those who never got so far "
        "are missing.",
    ),
    references=(
        "Hernán & Robins (2020), Causal Inference: What If, ch. 8 and 21.",
        "Putter, Fiocco & Geskus (2007), Competing risks and multi-state models, Statistics in Medicine 26.",
        "Brookmeyer & Crowley (1982), A confidence interval for the median survival time, Biometrics 38.",
    ),
    definitions=(
        "wins per company",
        "stage conversion",
        "target trial",
        "per protocol",
        "intention to treat",
        "wash-out",
        "evidence grade",
    ),
)
