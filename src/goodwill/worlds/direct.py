"""A simulated company as canonical tables, without its files: what reading the exports would give, in no time.

A calibration lives through hundreds of companies. ``canonical`` says of a company whose exports are in order exactly
what the readers say of its files, row by row, so that files need to be written and read only to test the readers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from goodwill.errors import GoodwillError
from goodwill.vocabulary import TABLES
from goodwill.worlds import direct_acts, direct_crm, imagine
from goodwill.worlds.company import Company
from goodwill.worlds.direct_parts import Part, schema

#: What each export says, in the order of the files' names, in which they are read.
EXPORTS: tuple[Callable[[Company], Iterator[Part]], ...] = (
    direct_crm.opportunity_report,
    direct_crm.contact_roles,
    direct_crm.opportunity_history,
    direct_acts.community,
    direct_acts.site,
    direct_crm.hubspot_companies,
    direct_crm.hubspot_contacts,
    direct_acts.activity,
    direct_acts.audience,
    direct_crm.subscriptions,
    direct_acts.desk,
)


def company(name: str, seed: int, accounts: int | None = None) -> Company:
    """The company whose exports ``simulate`` writes with the same name, seed and accounts.

    Parameters
    ----------
    name : str
        One of ``WORLDS``.
    seed : int
    accounts : int, optional
        How many companies to sell to, instead of the world's own number.

    Raises
    ------
    GoodwillError
        If there is no such world.
    """
    return imagine(name, seed=seed, accounts=accounts)[0]


def canonical(company: Company) -> dict[str, pa.Table]:
    """The canonical tables that reading this company's exports gives.

    Parameters
    ----------
    company : Company
        One whose exports are in order: not ``is_noisy``.

    Returns
    -------
    dict of str to pyarrow.Table
        Every table of the vocabulary, some without rows; columns and types as the vocabulary has them, then
        ``source_file`` and ``source_row``.

    Raises
    ------
    GoodwillError
        The company's exports are noisy: only reading them says what is understood of them.
    """
    if company.is_noisy:
        remedy = "Write its files with simulate() and read them."
        raise GoodwillError(f"The exports of {company.name!r} are noisy and have to be read.", remedy=remedy)
    found: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
    for export in EXPORTS:
        for name, rows in export(company):
            found[name].append(rows)
    return {name: pa.concat_tables(parts) if parts else schema(name).empty_table() for name, parts in found.items()}
