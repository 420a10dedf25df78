"""What the billing system exports of this company: its contracts, running and ended, a row each.

Billing systems name their columns as they please, so the workspace maps this table (see ``settings``). Its customer
number is the account's id in Salesforce, as integrations keep it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from goodwill.worlds.arithmetic import UNDECIDED
from goodwill.worlds.company import Company
from goodwill.worlds.tables import iso_dates, pick, write_csv

SUBSCRIPTIONS = "subscriptions.csv"
#: What the company sells, as ``Sales.product`` and ``Contracts.product`` count it.
PRODUCTS = ("Planner", "Connector", "Insights", "Academy")
STATUSES = ("active", "canceled")
CURRENCY = "EUR"


def contract_ids(company: Company) -> list[str]:
    """The contract's number in the billing system."""
    return [f"SUB-{number:06d}" for number in range(1, len(company.history.contracts.started) + 1)]


def write_subscriptions(company: Company, folder: Path) -> None:
    """Write all contracts in order of their start."""
    contracts, book = company.history.contracts, company.directory
    has_ended = contracts.ended < UNDECIDED
    columns = {
        "Subscription ID": contract_ids(company),
        "Customer": pick(book.account_name, contracts.account),
        "Customer ID": pick(book.account_id, contracts.account),
        "Started": iso_dates(contracts.started),
        "Ended": pc.if_else(has_ended, iso_dates(np.where(has_ended, contracts.ended, 0)), None),
        "Plan": pick(PRODUCTS, contracts.product),
        "MRR": [f"{mrr:.2f}" for mrr in contracts.mrr.tolist()],
        "Currency": CURRENCY,
        "Status": pick(STATUSES, has_ended.astype(np.int64)),
    }
    write_csv(folder / SUBSCRIPTIONS, columns)
