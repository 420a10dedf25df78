"""What a comparison could not adjust for, because the exports hold nothing of it at all."""

from __future__ import annotations

from dataclasses import replace

from goodwill.designs.compared import Compared, listed
from goodwill.warehouse import Tables

#: What drives both touches and outcomes, and whether the workspace holds anything of it, strongest suspects first. A
#: covariate of which nothing is known never varies, and falls out of the adjustment without a word.
RECORDED = {
    "earlier e-mail": "SELECT 1 FROM timeline WHERE touch_kind = 'engagement' AND channel_group = 'email'",
    "site visits": "SELECT 1 FROM timeline WHERE direction = 'inbound' AND venue = 'site'",
    "service requests": "SELECT 1 FROM timeline WHERE touch_kind = 'service'",
    "industries of companies": "SELECT 1 FROM account_facts WHERE industry IS NOT NULL",
    "sizes of companies": "SELECT 1 FROM account_facts WHERE employees IS NOT NULL",
}
#: The same of deals: they pass through stages, and say themselves what kind of company each is of.
OF_DEALS = {
    "industries of companies": "SELECT 1 FROM deals WHERE segment IS NOT NULL",
    "sizes of companies": "SELECT 1 FROM deals WHERE employees IS NOT NULL",
    "changes of stage": "SELECT 1 FROM deal_stages",
}


def with_unrecorded(compared: Compared, tables: Tables, *, is_of_deals: bool = False) -> Compared:
    """The comparison with what it could not adjust for: as rows, and as a note.

    Parameters
    ----------
    compared : Compared
    tables : Tables
        With ``timeline`` and ``account_facts`` or, of deals, ``deals`` and ``deal_stages``.
    is_of_deals : bool
        Are its units deals?
    """
    wanted = RECORDED | (OF_DEALS if is_of_deals else {})
    asked = ", ".join(f"EXISTS ({sql}) AS k{n}" for n, sql in enumerate(wanted.values()))
    (found,) = tables.rows(f"SELECT {asked}")
    missing = [name for n, name in enumerate(wanted) if not found[f"k{n}"]]
    if not missing:
        return compared
    note = f"Not adjusted for, because nothing of it is in the exports: {listed(tuple(missing))}."
    rows = [{"factor": name} for name in missing]
    return replace(compared, facts={**compared.facts, "not_recorded": rows}, notes=(*compared.notes, note))
