"""Which source a sheet is taken for, how surely, and what is proposed for a table that nobody knows."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from goodwill.exports import Export, Locale, Sheet
from goodwill.registry import Layout, sources
from goodwill.sources.mapped import NAME as MAPPED
from goodwill.sources.recognise import Recognition, as_toml, confidence, propose, recognise
from goodwill.workspace import TableMapping, open_workspace

LAYOUTS = [(source.name, layout) for source in sources().values() for layout in source.layouts]


def sheet(*header: str, name: str = "") -> Sheet:
    return Sheet("made_up.csv", name, header, 2, (tuple("x" for _ in header),), "(SELECT 1)")


def taken(found: Sheet, *mappings: TableMapping) -> Recognition:
    export = Export(Path(found.file), found.file, "0" * 64, 1, "csv", (found,))
    (recognition,) = recognise(export, mappings, Locale())
    return recognition


def known(layout: Layout) -> list[str]:
    """Needed columns and such as the layout knows, each ending of a pattern made up."""
    return list(dict.fromkeys([*layout.requires, *(k.replace("*", "of a kind") for k in layout.knows)]))


@pytest.mark.parametrize(("source", "layout"), LAYOUTS, ids=[f"{s}-{one.name}" for s, one in LAYOUTS])
def test_a_layout_is_known_whatever_the_order_and_the_case_of_its_columns(source: str, layout: Layout) -> None:
    header = list(layout.requires)
    random.Random(len(header)).shuffle(header)
    for spelt in (header, [h.upper() for h in header], [f"  {h} " for h in header]):
        found = taken(sheet(*spelt))
        assert (found.source, found.layout) == (source, layout.name)
        assert (found.confidence, found.unknown_columns) == (1.0, ())


@pytest.mark.parametrize(("source", "layout"), LAYOUTS, ids=[f"{s}-{one.name}" for s, one in LAYOUTS])
def test_unknown_columns_are_named_and_lower_the_confidence(source: str, layout: Layout) -> None:
    header = known(layout)
    sure = [confidence(sheet(*header, *(f"Zz {i} unheard of" for i in range(n))), layout) for n in range(4)]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] == 1
    assert min(sure) > 0.5
    assert len(set(sure)) == (1 if "*" in layout.knows else 4)
    found = taken(sheet(*layout.requires, "Zz 1 unheard of"))
    assert found.source == source
    assert found.unknown_columns == (() if "*" in layout.knows else ("Zz 1 unheard of",))


def test_without_one_needed_column_a_layout_is_not_taken() -> None:
    for source, layout in LAYOUTS:
        for missing in layout.requires:
            found = taken(sheet(*(c for c in layout.requires if c != missing)))
            assert (found.source, found.layout) != (source, layout.name), missing


def test_the_users_own_mapping_outranks_every_source() -> None:
    _, layout = LAYOUTS[0]
    header = known(layout)
    mapping = TableMapping("made_up.*", "leads", 1, columns={"id": header[0].lower()})
    found = taken(sheet(*header), mapping)
    assert (found.source, found.layout, found.confidence) == (MAPPED, "leads", 1.0)
    assert found.unknown_columns == tuple(header[1:])
    assert taken(sheet(*header), TableMapping("other.*", "leads", 1)).source != MAPPED
    assert taken(sheet(*header, name="B"), TableMapping("made_up.*", "leads", 1, sheet="A")).source != MAPPED


def test_what_nobody_knows_is_said_to_be_unknown() -> None:
    found = taken(sheet("aa", "bb"))
    assert (found.source, found.confidence, found.relations, found.unknown_columns) == ("", 0.0, (), ("aa", "bb"))


@pytest.mark.parametrize(
    ("header", "table", "columns"),
    [
        (("Opportunity ID", "Account Name", "Deal Stage", "Engage Date", "Close Date", "Close Value", "Sales Agent"),
         "opportunities", {"id": "Opportunity ID", "closed_at": "Close Date", "created_at": "Engage Date"}),
        (("Lead ID", "Lead Source", "Created Date", "Landing Page", "Status", "Segment"),
         "leads", {"id": "Lead ID", "created_at": "Created Date", "landing_page": "Landing Page"}),
        (("Order ID", "Order Date", "Customer", "Revenue", "Product"), "orders",
         {"id": "Order ID", "at": "Order Date", "value": "Revenue"}),
        (("Timestamp", "Email", "Action", "Platform", "Campaign", "URL"), "interactions",
         {"at": "Timestamp", "actor": "Email", "verb": "Action", "venue": "Platform"}),
        (("Date", "Employee", "Team", "Hours", "Hourly Cost", "Description"), "effort",
         {"on_date": "Date", "hours": "Hours", "hourly_cost": "Hourly Cost"}),
        (("Ticket ID", "Created", "Requester", "Status", "Priority", "Subject", "Solved at"), "tickets",
         {"id": "Ticket ID", "created_at": "Created", "subject": "Subject"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_an_unknown_table_gets_a_sensible_proposal(
    header: tuple[str, ...], table: str, columns: dict[str, str]
) -> None:
    found = propose(sheet(*header))
    assert found is not None
    assert found.table == table
    assert columns.items() <= found.columns.items()
    assert len(set(found.columns.values())) == len(found.columns)


def test_what_resembles_nothing_gets_no_proposal() -> None:
    assert propose(sheet("qqqq", "wwww", "zzzz")) is None


def test_a_proposal_is_a_mapping_that_the_workspace_takes(tmp_path: Path) -> None:
    odd = Sheet('a "b" [1].csv', "Sheet 1", ("Order ID", 'Order "Date"', "Revenue"), 2, (), "")
    found = propose(odd)
    assert found is not None
    (tmp_path / "goodwill.toml").write_text(as_toml(found, odd), encoding="utf-8")
    (mapping,) = open_workspace(tmp_path).mappings
    assert (mapping.file, mapping.sheet, mapping.table) == (odd.file, "Sheet 1", found.table)
    assert dict(mapping.columns) == found.columns


def test_a_proposal_names_the_format_of_dates_that_are_not_iso() -> None:
    rows = (("a", "20-10-16", "12"), ("b", "01-03-17", "13"))
    sheet = Sheet("deals.csv", "", ("Opportunity ID", "Close Date", "Amount"), 2, rows)
    guess = propose(sheet)
    assert guess is not None
    assert 'closed_at = "%d-%m-%y"' in as_toml(guess, sheet)
