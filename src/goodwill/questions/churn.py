"""Does social keep customers?"""

from __future__ import annotations

from goodwill.designs import randomised
from goodwill.designs.compared import Headline, verdict_of
from goodwill.designs.customer_trials import kept
from goodwill.registry import Question, Terms
from goodwill.verdicts import Verdict
from goodwill.warehouse import Tables

NAME = "churn"
ASKS = "Does social keep customers, or is it the service team?"
#: Three customers of a hundred a year: less is within what a price change does.
MATTERS = 0.03
HEADLINE = Headline(
    unit="points",
    definition="logo churn",
    label="difference in the share cancelled within {weeks} weeks",
    naive="difference between customers who ever engaged and those who never did, in a plain table",
)


def ask(tables: Tables, terms: Terms) -> Verdict:
    """The difference in the share cancelled within the horizon; fewer are better."""
    base = Verdict(
        NAME,
        ASKS,
        hoped=-1,
        matters=MATTERS,
        notes=randomised.remarks(tables, terms, NAME),
        decision="whether time spent with customers on social keeps them, or the service team should have it",
    )
    if (tested := randomised.experiment_of(tables, terms, NAME)) is not None:
        return randomised.verdict(tested, base=base, headline=HEADLINE)
    return verdict_of(kept(tables, terms, matters=MATTERS), base, HEADLINE)


QUESTION = Question(
    number=4,
    name=NAME,
    asks=ASKS,
    ask=ask,
    needs=("subscriptions with their ends", "interactions of people at those companies", "tickets"),
    estimand="The share of subscriptions cancelled within the horizon if the company first engages on social in a "
    "month before which nothing of the kind is on record, minus the share if it does not and goes on not to: averaged "
    "over all months in which it could have begun to, and counted from the month after. In an experiment: the share "
    "cancelled by its end among companies that were drawn, minus that among the others.",
    assumptions=(
        "Customers alike in engagement, service, tenure and the rest, as it was before a month, would have left alike.",
        "Requests for service before the month stand for how content they were (service as a cause of both).",
        "An engagement acts from the month after it happened.",
        "What is on no record did not happen: a customer who engaged before the exports begin counts as new to it.",
    ),
    falsified_by=(
        "Companies swap their engagements at random, or histories are made up, and an effect is left.",
        "The effect disappears once later requests for service are held fixed: then it is the service team's.",
        "One segment or product carries the answer alone.",
    ),
    references=(
        "Hernán & Robins (2020), Causal Inference: What If, ch. 12, 17 and 21.",
        "Danaei et al. (2013), Observational data for comparative effectiveness research, Stat Methods Med Res 22.",
    ),
    definitions=(
        "logo churn",
        "target trial",
        "per protocol",
        "intention to treat",
        "wash-out",
        "tipping point",
        "evidence grade",
    ),
)
