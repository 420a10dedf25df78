"""CRM, e-mail, service and time sources: recognition, real tables, and cells full of nonsense."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_sheets import BERLIN, ENGINE, SOURCES, carried, file_sheet, layout_of, loaded, rows_of, sheet, taken_for
from goodwill.exports import literal
from goodwill.registry import Layout, Source
from goodwill.sources import hubspot_api, records, timesheets
from goodwill.sources.dates import order_of
from goodwill.sources.figures import decimal_of
from goodwill.vocabulary import TABLES

LAYOUTS = [pytest.param(s, layout, id=f"{s.name}: {layout.name}") for s in SOURCES for layout in s.layouts]


# --- every layout ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("source", "layout"), LAYOUTS)
def test_a_layout_is_recognised_by_what_it_requires(source: Source, layout: Layout) -> None:
    assert taken_for(sheet(",".join(layout.requires))) == (source.name, layout.name)


@pytest.mark.parametrize(
    "layout", [layout for source in SOURCES for layout in source.layouts], ids=lambda found: found.name
)
def test_cells_fill_columns_that_exist(layout: Layout) -> None:
    found = sheet(",".join(layout.requires), tuple("x" for _ in layout.requires))
    for relation in layout.relations(found, BERLIN):
        assert set(relation.columns) <= {c.name for c in TABLES[relation.table].columns}


NONSENSE = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        [
            "",
            "-",
            "31/12/2024",
            "2024-02-30",
            "infinity",
            "epoch",
            "1e308",
            "-1e400",
            "nan",
            "25:61",
            "99999:00:00",
            "1;2;;3",
        ]
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize(("source", "layout"), LAYOUTS)
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_nonsense_is_kept_refused_or_left_out_but_never_lost(
    source: Source, layout: Layout, data: st.DataObject
) -> None:
    columns = [*layout.requires, *(k for k in layout.knows if "*" not in k and k not in layout.requires)][:16]
    rows = data.draw(st.lists(st.tuples(*(NONSENSE for _ in columns)), min_size=5, max_size=8))
    found = sheet(",".join(columns), *(tuple(c.replace("\0", "") if c else c for c in row) for row in rows))
    for relation in layout.relations(found, BERLIN):
        kept_and_refused = {row["source_row"] for row in rows_of(found, relation)}
        left_out = f"SELECT count(*) FROM {found.relation} WHERE NOT COALESCE({relation.where}, FALSE)"
        ((count,),) = ENGINE.sql(left_out).fetchall()
        if not any("unnest" in cell.value for cell in relation.columns.values()):
            assert len(kept_and_refused) + count == len(rows), (source.name, relation.table)


# --- real tables of a HubSpot connector -----------------------------------------------------------

REAL = {
    "contact_data": ("hubspot_api", "contacts", "people"),
    "company_data": ("hubspot_api", "companies", "accounts"),
    "deal_data": ("hubspot_api", "deals", "opportunities"),
    "deal_stage_data": ("hubspot_api", "deal stage history", "stage_changes"),
    "deal_company_data": ("hubspot_api", "deal company links", "opportunity_contacts"),
    "deal_contact_data": ("hubspot_api", "deal contact links", "opportunity_contacts"),
    "ticket_data": ("hubspot_api", "tickets", "tickets"),
    "ticket_contact_data": ("hubspot_api", "ticket contact links", "opportunity_contacts"),
    "ticket_company_data": ("hubspot_api", "ticket company links", "opportunity_contacts"),
    "engagement_contact_data": ("hubspot_api", "engagement contact links", "opportunity_contacts"),
    "engagement_company_data": ("hubspot_api", "engagement company links", "opportunity_contacts"),
    "owner_data": ("hubspot_api", "owners", "people"),
    "email_event_data": ("hubspot_api_email", "e-mail events", "interactions"),
    "email_campaign_data": ("hubspot_api_email", "e-mail campaigns", "campaigns"),
    "contact_form_submission_data": ("hubspot_api_email", "form submissions", "interactions"),
    "engagement_meeting_data": ("hubspot_api_email", "meetings", "interactions"),
}


@pytest.mark.parametrize("table", REAL)
def test_a_real_table_is_recognised_and_no_row_is_lost(table: str, real_data: Callable[..., Path]) -> None:
    path = real_data("api_schema_seeds", "fivetran_hubspot", f"{table}.csv")
    found, (source, layout, canonical) = file_sheet(path), REAL[table]
    assert taken_for(found) == (source, layout)
    first = next(s for s in SOURCES if s.name == source)
    relation = layout_of(first, layout).relations(found, BERLIN)[0]
    rows = rows_of(found, relation)
    with path.open(encoding="utf-8", newline="") as lines:
        expected = sum(1 for row in csv.DictReader(lines) if _counts(table, row))
    assert relation.table == canonical
    assert len(rows) == expected > 0
    assert [r["refused_column"] for r in rows if r["refused_column"]] == []


def _counts(table: str, row: dict[str, str]) -> bool:
    """A second, naive reading of which rows count."""
    if table == "email_event_data":
        return (
            row["type"] in ("OPEN", "CLICK", "DELIVERED", "FORWARD", "SPAMREPORT") and row["filtered_event"] != "true"
        )
    return "true" not in (row.get("is_deleted", "").lower(), row.get("_fivetran_deleted", "").lower())


@pytest.mark.parametrize("table", ["deal_pipeline_data", "deal_pipeline_stage_data", "ticket_pipeline_stage_data"])
def test_pipelines_are_known_and_knowingly_left_alone(table: str, real_data: Callable[..., Path]) -> None:
    found = file_sheet(real_data("api_schema_seeds", "fivetran_hubspot", f"{table}.csv"))
    source, layout = taken_for(found)
    assert source == "hubspot_api"
    assert layout_of(hubspot_api.SOURCE, layout).ignores


def test_merged_contacts_of_a_real_table_become_identifiers(real_data: Callable[..., Path]) -> None:
    found = file_sheet(real_data("api_schema_seeds", "fivetran_hubspot", "contact_data.csv"))
    same = carried(loaded(hubspot_api.SOURCE, "contacts", found))
    assert {v for r, v in same if r == "hubspot/contact:78971951" and v.startswith("hubspot/")} == {
        "hubspot/contact:76340251", "hubspot/contact:46897301", "hubspot/contact:76226001",
    }  # fmt: skip


@pytest.mark.slow
def test_toggl_and_clockify_durations_are_clocks() -> None:
    toggl = sheet(
        "User,Email,Project,Description,Start date,Start time,End date,End time,Duration,Tags",
        ("Ann", "ann@us.com", "Community", "answered questions", "2024-03-01", "09:00:00", "2024-03-01", "11:30:00",
         "02:30:00", "twitter"),
    )  # fmt: skip
    clockify = sheet(
        "Project,Description,User,Start Date,Duration (h),Cost Rate (USD),Tags",
        ("YouTube", "cut the video", "Ann", "03/25/2024", "26:15:00", "40.00", ""),
    )
    (one,) = loaded(timesheets.SOURCE, "Toggl Track detailed report", toggl)["effort"]
    (two,) = loaded(timesheets.SOURCE, "Clockify detailed report", clockify)["effort"]
    assert (one["hours"], one["venue"], one["kind"]) == (2.5, "x", "converse")
    assert (two["hours"], two["venue"], two["kind"], two["on_date"]) == (
        26.25,
        "youtube",
        "create",
        dt.date(2024, 3, 25),
    )
    assert (two["hourly_cost"], two["currency"]) == (40.0, "USD")


# --- what a sheet says about itself ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (("3/5/2024", "4/6/2024"), "%m/%d/%Y"),
        (("3/5/2024", "13/6/2024"), "%d/%m/%Y"),
        (("3/5/24", "3/25/24"), "%m/%d/%y"),
        (("03.05.2024 10:00",), "%d.%m.%Y"),
        (("5-25-2024",), "%m-%d-%Y"),
        (("2024-05-03", ""), None),
    ],
)
def test_one_sheet_has_one_order_of_dates(dates: tuple[str, ...], first: str | None) -> None:
    formats = order_of(sheet("When,Other", *((d, "13/13/2024") for d in dates)), "When")
    assert (formats[0] if formats else None) == first


@pytest.mark.parametrize(
    ("figures", "mark"),
    [(("1,5",), ","), (("1.234,50",), ","), (("1,234",), "."), (("12,000.50", "7"), "."), (("0,125",), ",")],
)
def test_one_sheet_has_one_decimal_mark(figures: tuple[str, ...], mark: str) -> None:
    assert decimal_of(sheet("Hours", *((f,) for f in figures)), "Hours") == mark


@given(st.text(alphabet="ABCabc012", min_size=15, max_size=15))
@settings(max_examples=30, deadline=None)
def test_both_forms_of_a_salesforce_id_name_one_record(short: str) -> None:
    signs = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    bits = [int("".join("01"[c.isupper()] for c in reversed(short[i : i + 5])), 2) for i in (0, 5, 10)]
    long = short + "".join(signs[b] for b in bits)
    said = [ENGINE.sql("SELECT " + records.salesforce_id(literal(i))).fetchall()[0][0] for i in (short, long)]
    assert said == [short, short]
