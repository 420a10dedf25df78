"""Records whose persons are known, each set as one Parquet file: FEBRL 1 to 4, fake_1000, simulated people.

FEBRL and fake_1000 are not part of the project: their folder (``febrl/dataset1.csv`` ..., ``splink/fake_1000.csv``) is
named by whoever has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
from identity_measures import Known
from simulated_people import simulate

FEBRL = {
    "given_name": "given", "surname": "family", "street_number": "number", "address_1": "text", "address_2": "text",
    "suburb": "place", "postcode": "code", "state": "place", "date_of_birth": "date", "soc_sec_id": "code",
}  # fmt: skip
FAKE = {"first_name": "given", "surname": "family", "dob": "date", "city": "place", "email": "email"}
SIMULATED = {
    "given": "given", "family": "family", "born": "date", "city": "place", "postcode": "code", "email": "email",
    "phone": "phone",
}  # fmt: skip


@dataclass(frozen=True)
class Records:
    """A set of records: its name, its fields and their kinds, which settings of Splink's documentation are for it."""

    name: str
    fields: dict[str, str]
    splink: tuple[str, ...]
    linked: bool = False
    count: int = 0
    difficulty: float = 1.0


def simulated(count: int, difficulty: float = 1.0) -> Records:
    """Simulated people."""
    name = f"simulated, {count:,} records" + (f", difficulty {difficulty:g}" if difficulty != 1 else "")
    return Records(name, SIMULATED, ("historical",), count=count, difficulty=difficulty)


REAL = (
    *(Records(f"FEBRL {number}", FEBRL, ("febrl3",)) for number in (1, 2, 3)),
    Records("FEBRL 4", FEBRL, ("febrl4",), linked=True),
    Records("fake_1000", FAKE, ("quick_start", "evaluation")),
)


def write(records: Records, folder: Path | None, target: Path) -> Known:
    """Write the set to a Parquet file (``record``, its fields, ``source``) and say whose each record is."""
    if records.count:
        table = simulate(records.count, difficulty=records.difficulty)
        person = table["person"].to_numpy()
        pq.write_table(table.drop_columns(["person"]), target)
        return Known(person)
    assert folder is not None
    con = duckdb.connect()
    files = _files(records, folder)
    parts = [
        f"SELECT *, '{source}' AS source FROM read_csv('{file}', all_varchar = true, header = true)"
        for source, file in files
    ]
    raw = con.sql(" UNION ALL ".join(parts)).arrow().read_all()
    con.register("raw", raw.rename_columns([name.strip() for name in raw.column_names]))
    person = "cluster" if records.fields is FAKE else "regexp_extract(rec_id, 'rec-([0-9]+)', 1)"
    fields = ", ".join(f"nullif(trim({name}), '') AS {name}" for name in records.fields)
    con.execute(
        f"CREATE TABLE people AS SELECT row_number() OVER () - 1 AS record, {fields}, source, "
        f"CAST({person} AS BIGINT) AS person FROM raw"
    )
    con.execute(f"COPY (SELECT * EXCLUDE (person) FROM people ORDER BY record) TO '{target}' (FORMAT parquet)")
    known = con.execute(
        "SELECT person, CAST(source = 'b' AS BIGINT) AS source FROM people ORDER BY record"
    ).fetchnumpy()
    return Known(np.asarray(known["person"]), np.asarray(known["source"]) if records.linked else None)


def _files(records: Records, folder: Path) -> list[tuple[str, Path]]:
    if records.fields is FAKE:
        return [("a", folder / "splink" / "fake_1000.csv")]
    number = records.name[-1]
    names = {"a": "dataset4a", "b": "dataset4b"} if records.linked else {"a": f"dataset{number}"}
    return [(source, folder / "febrl" / f"{name}.csv") for source, name in names.items()]
