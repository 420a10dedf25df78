"""What the CRM says of deals before anything is adjusted: counts, shares and days, each with its rows."""

from __future__ import annotations

from goodwill.designs.other_currencies import is_ours
from goodwill.verdicts import Evidence, Figure
from goodwill.warehouse import Tables

_ROWS = "SELECT id, account, opened_at, decided_at, outcome, amount, currency, source_file, source_row FROM deals"
_SOCIAL = "channel_group IN ('organic_social', 'paid_social')"
_TOUCHED = "id IN (SELECT id FROM deal_history WHERE first_social_at IS NOT NULL)"
#: Not the opposite: of a deal without usable dates nobody knows whether it was touched while open.
_UNTOUCHED = "id IN (SELECT id FROM deal_history WHERE first_social_at IS NULL)"
#: Where nothing is recorded as lost, as for leads, all that is decided is won: a share of it says nothing.
_SOME_LOST = "EXISTS (SELECT 1 FROM deals WHERE outcome = 'lost')"
_SOME_TOUCHED = "EXISTS (SELECT 1 FROM deal_history WHERE first_social_at IS NOT NULL)"
#: As usually counted, with the wins whose dates are impossible: doctor names them, and no comparison uses them.
_WON_WITH_DAYS = "outcome = 'won' AND opened_at IS NOT NULL AND decided_at IS NOT NULL"
_DAYS = "date_diff('second', opened_at, decided_at) / 86400.0"

#: Name, label, unit, definition, SQL of the value, and the rows that are counted.
_FIGURES = (
    ("deals", "{unit}s", "count", "", "count(*)", "TRUE"),
    ("decided", "{unit}s decided (won or lost)", "count", "", "count(*)", "outcome <> 'open'"),
    ("won", "{unit}s won", "count", "", "count(*)", "outcome = 'won'"),
    ("win_rate_decided", "won, of those decided", "share", "win rate A",
     "count(*) FILTER (WHERE outcome = 'won') / count(*)", f"outcome <> 'open' AND {_SOME_LOST}"),
    ("win_rate_created", "won, of all opened", "share", "win rate B",
     "count(*) FILTER (WHERE outcome = 'won') / count(*)", "TRUE"),
    ("value_won", "value won", "money", "", "sum(CAST(amount AS DECIMAL(18, 2)))",
     "outcome = 'won' AND amount IS NOT NULL AND {ours}"),
    ("won_in_other_currencies", "{unit}s won with an amount that is not in {currency}, which counts as nothing",
     "count", "", "count(*)", "outcome = 'won' AND amount IS NOT NULL AND NOT {ours}"),
    ("entered_social", "{unit}s that came in through social", "count", "", "count(*)", _SOCIAL),
    ("won_social", "{unit}s that came in through social and were won", "count", "", "count(*)",
     f"outcome = 'won' AND {_SOCIAL}"),
    ("win_rate_social", "won, of those that came in through social", "share", "win rate B",
     "count(*) FILTER (WHERE outcome = 'won') / count(*)", _SOCIAL),
    ("touched", "{unit}s with a social touch while open", "count", "", "count(*)", _TOUCHED),
    ("win_rate_touched", "won, of those decided with a social touch while open", "share", "win rate A",
     "count(*) FILTER (WHERE outcome = 'won') / count(*)", f"outcome <> 'open' AND {_TOUCHED} AND {_SOME_LOST}"),
    ("win_rate_untouched", "won, of those decided without one", "share", "win rate A",
     "count(*) FILTER (WHERE outcome = 'won') / count(*)",
     f"outcome <> 'open' AND {_UNTOUCHED} AND {_SOME_TOUCHED} AND {_SOME_LOST}"),
    ("median_days_to_win", "median days to a win, wins only (as usually counted)", "days", "sales cycle",
     f"median({_DAYS})", _WON_WITH_DAYS),
    ("mean_days_to_win", "mean days to a win, wins only (as usually counted)", "days", "sales cycle",
     f"avg({_DAYS})", _WON_WITH_DAYS),
    ("median_days_to_win_social", "the same, came in through social", "days", "sales cycle",
     f"median({_DAYS})", f"{_WON_WITH_DAYS} AND {_SOCIAL}"),
    ("median_days_to_win_touched", "the same, with a social touch while open", "days", "sales cycle",
     f"median({_DAYS})", f"{_WON_WITH_DAYS} AND {_TOUCHED}"),
)  # fmt: skip


def deal_figures(tables: Tables, currency: str) -> tuple[Figure, ...]:
    """Every figure that has rows behind it; figures about nothing are left out, and amounts in other currencies too."""
    units = tables.rows("SELECT min(unit) AS unit FROM deals")
    unit = units[0]["unit"] or "deal"
    found = []
    for name, label, kind, definition, value, rows_of in _FIGURES:
        where = rows_of.format(ours=is_ours(currency))
        row = tables.rows(f"SELECT count(*) AS n, {value} AS value FROM deals WHERE {where}")[0]
        if row["n"]:
            said = plural(label.format(unit=unit, currency=currency))
            rows = Evidence("deals", f"{_ROWS} WHERE {where} ORDER BY id")
            found.append(
                Figure(name, said, float(row["value"]), kind, n=row["n"], definition=definition, evidence=rows)
            )
    return tuple(found)


def plural(label: str) -> str:
    """English for "opportunitys"."""
    return label.replace("opportunitys", "opportunities")
