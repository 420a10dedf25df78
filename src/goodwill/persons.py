"""What a workspace holds about one person: their nodes, what they are called, and every row that names them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from goodwill import tombstones
from goodwill.errors import GoodwillError
from goodwill.exports import literal, quoted
from goodwill.vocabulary import TABLES
from goodwill.warehouse import Tables
from goodwill.warehouse.masking import mail_key
from goodwill.workspace import Workspace

#: Both halves of who is who: people who asked not to be tracked stand apart, and are people all the same.
EVERYBODY = "(SELECT node, person FROM resolved UNION SELECT node, person FROM untracked)"
#: What may stand before and after a needle; a bare word before an @ begins somebody else's address.
_BEYOND, _BEFORE_AT = r"[^\pL\pN]", r"[^\pL\pN@]"


@dataclass(frozen=True)
class Person:
    """One person: nodes, and what they are called; ``kept_back`` are what they share with others, and why.

    ``people`` are the names that the tables give them: several where one address was used with several tags.
    """

    person: str
    nodes: tuple[str, ...]
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    kept_back: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def identifiers(self) -> set[str]:
        """By which they are known again, as tombstones write it."""
        found = tombstones.of_nodes(self.nodes, self.names)
        for mail in self.emails:
            found |= tombstones.of_mail(mail, self.names)
        for name in self.names:
            found |= tombstones.of_name(name, self.companies)
        for phone in self.phones:
            found |= tombstones.of_phone(phone)
        return found

    @property
    def whole(self) -> tuple[str, ...]:
        """Texts to look for whatever their case: addresses, numbers and names of two words and more."""
        names = [name for name in self.names if len(name.split()) > 1]
        told = [node.partition(":")[2] for node in self.nodes if node.startswith(("email:", "phone:")) or "@" in node]
        mails = [i.partition(":")[2] for i in self.identifiers if i.startswith("mail:")]
        return tuple(sorted({said.lower() for said in (*self.emails, *self.phones, *names, *told, *mails)}))

    @property
    def words(self) -> tuple[str, ...]:
        """Handles and local parts to look for where no @ follows."""
        return tuple(sorted(i.partition(":")[2] for i in self.identifiers if i.startswith("word:")))


def find(tables: Tables, wanted: str) -> Person:
    """The person whom a node, an address, a handle or the name of a person in the tables means.

    Raises
    ------
    GoodwillError
        Nobody is known by it, or several are.
    """
    said = wanted.strip()
    nodes = [said, f"email:{said.lower()}", f"email:{tombstones.normal_mail(said)}"]
    people = _people(tables, f"node IN ({_listed(nodes)}) OR person = {literal(said)}")
    if not people:
        handle = said.lower().lstrip("@")
        people = _people(tables, f"lower(substr(node, strpos(node, ':') + 1)) = {literal(handle)}")
    if not people and "@" in said:
        carried = f"SELECT id FROM people WHERE lower(email) = {literal(said.lower())}"
        people = _people(tables, f"node IN ({carried})")
    if len(people) != 1:
        several = f"several people are known by this: {', '.join(people[:5])}"
        raise GoodwillError(
            several if people else "nobody is known by this",
            where=wanted,
            remedy="Give an e-mail address, a record such as hubspot/contact:17, or a handle such as x:jane; "
            "goodwill explain shows the nodes behind a figure.",
        )
    return _person(tables, _with_twins(tables, people))


def _people(tables: Tables, where: str) -> list[str]:
    rows = tables.rows(f"SELECT DISTINCT person FROM {EVERYBODY} WHERE {where} ORDER BY person")
    return [row["person"] for row in rows]


def _with_twins(tables: Tables, people: list[str]) -> list[str]:
    """The same person under tags of one address, such as jane+news@acme.com: whoever owns one owns the other."""
    mail = mail_key("substr(node, 7)")
    theirs = f"SELECT {mail} FROM {EVERYBODY} WHERE person IN ({_listed(people)}) AND node LIKE 'email:%@%'"
    found = _people(tables, f"person IN ({_listed(people)}) OR (node LIKE 'email:%@%' AND {mail} IN ({theirs}))")
    return found if len(found) == len(people) else _with_twins(tables, found)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(literal(v) for v in values) or "NULL"


def _person(tables: Tables, people: list[str]) -> Person:
    theirs = f"SELECT node FROM {EVERYBODY} WHERE person IN ({_listed(people)})"
    nodes = tuple(row["node"] for row in tables.rows(f"{theirs} ORDER BY node"))
    rows = tables.rows(f"SELECT DISTINCT name, email, phone, company FROM people WHERE id IN ({theirs}) ORDER BY ALL")
    others = tables.rows(
        f"SELECT DISTINCT lower(trim(name)) AS name, lower(email) AS email, "
        f"right(regexp_replace(phone, '[^0-9]', '', 'g'), {tombstones.PHONE_DIGITS}) AS phone "
        f"FROM people WHERE id NOT IN ({theirs})"
    )
    companies = tables.rows(
        "SELECT DISTINCT a.name FROM accounts AS a JOIN resolved_accounts AS r ON r.node = a.id "
        f"JOIN person_accounts AS p ON p.account = r.account WHERE p.person IN ({_listed(people)}) ORDER BY ALL"
    )
    shared = {name: {row[name] for row in others if row[name]} for name in ("name", "email", "phone")}
    names, same_name = _parted(rows, "name", lambda v: v.strip().lower() in shared["name"])
    emails, same_mail = _parted(
        rows, "email", lambda v: f"email:{v.lower()}" not in nodes and v.lower() in shared["email"]
    )
    phones, same_phone = _parted(rows, "phone", lambda v: tombstones.normal_phone(v) in shared["phone"])
    numbers = [row["value"].partition(":")[2] for row in tables.rows(
        f"SELECT DISTINCT value FROM identifiers WHERE kind = 'phone' AND record IN ({theirs}) ORDER BY value"
    )]  # fmt: skip
    phones += [n for n in numbers if n not in phones and tombstones.normal_phone(n) not in shared["phone"]]
    worked_at = {row["company"] for row in rows if row["company"]} | {row["name"] for row in companies if row["name"]}
    kept_back = [
        *(f'the name "{name}" is borne by somebody else too' for name in same_name),
        *(f"the address {mail} stands in records of others too" for mail in same_mail),
        *(f"the telephone number {phone} stands in records of others too" for phone in same_phone),
    ]
    # a shared name still tells the person where it stands with the company
    return Person(
        people[0],
        nodes,
        tuple(names),
        tuple(emails),
        tuple(phones),
        tuple(sorted(worked_at)),
        tuple(kept_back),
        tuple(people),
    )


def _parted(rows: Sequence[dict[str, Any]], column: str, is_shared: Any) -> tuple[list[str], list[str]]:
    """The values of a column that are the person's own, and those that others have too."""
    values = list(dict.fromkeys(row[column] for row in rows if row[column]))
    return [v for v in values if not is_shared(v)], [v for v in values if is_shared(v)]


def patterns(person: Person) -> tuple[str, ...]:
    """Regular expressions, as DuckDB reads them, that find the person named in a text."""
    lists = (
        ("", person.nodes, _BEYOND),  # two records may differ in a letter's case
        ("(?i)", person.whole, _BEYOND),
        ("(?i)", person.words, _BEFORE_AT),
    )
    tails = sorted({i.partition(":")[2] for i in person.identifiers if i.startswith("phone:")})
    numbers = [r"\+?[0-9 ()./-]*" + "[ ()./-]*".join(tail) for tail in tails]
    found = (f"(^|{_BEYOND})({'|'.join(numbers)})({_BEYOND}|$)",) if numbers else ()
    return found + tuple(
        f"{flags}(^|{_BEYOND})({'|'.join(map(_spaced, texts))})({after}|$)" for flags, texts, after in lists if texts
    )


def _spaced(said: str) -> str:
    return r"[\s,]+".join(_escaped(part) for part in said.split())


def _escaped(said: str) -> str:
    return re.sub(r"([^\w\s])", r"\\\1", said)


def named_in(columns: Iterable[str], person: Person) -> str:
    """SQL: does one of these texts name the person?"""
    text = f"concat_ws(chr(10), {', '.join(quoted(c) for c in columns)})"
    return " OR ".join(f"regexp_matches({text}, {literal(p)})" for p in patterns(person)) or "FALSE"


def canonical_rows(tables: Tables, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Every row of the canonical tables that names the person, with file and row; also of what was refused."""
    found = {}
    texts = {t.name: [c.name for c in t.columns if c.type in ("text", "person", "company")] for t in TABLES.values()}
    for name, columns in {**texts, "refused": ["value"]}.items():
        rows = tables.rows(f"SELECT * FROM {name} WHERE {named_in(columns, person)} ORDER BY source_file, source_row")
        if rows:
            found[name] = rows
    return found


def derived_rows(tables: Tables, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Every row of the derived tables that names the person or one of their nodes."""
    found = {}
    meant = Person(person.person, (*person.nodes, *person.people), person.names, person.emails, person.phones)
    for name, columns in text_columns(tables).items():
        rows = tables.rows(f"SELECT * FROM {quoted(name)} WHERE {named_in(columns, meant)} ORDER BY ALL")
        if rows:
            found[name] = rows
    return found


def text_columns(tables: Tables) -> dict[str, list[str]]:
    """The columns of text of every table that is stored in the warehouse."""
    rows = tables.rows(
        "SELECT c.table_name, c.column_name FROM duckdb_columns() AS c "
        "JOIN duckdb_tables() AS t ON t.table_oid = c.table_oid AND t.database_oid = c.database_oid "
        "WHERE NOT c.internal AND c.data_type LIKE '%VARCHAR%' ORDER BY c.table_name, c.column_index"
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["table_name"], []).append(row["column_name"])
    return found


def decisions(workspace: Workspace, person: Person) -> list[dict[str, Any]]:
    """The lines of decisions/identity.jsonl that name the person, each with its number."""
    path = workspace.root / "decisions" / "identity.jsonl"
    if not path.exists():
        return []
    looked_for = [re.compile(python_pattern(p)) for p in patterns(person)]
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if any(p.search(line) for p in looked_for):
            found.append({"line": number} | json.loads(line))
    return found


def python_pattern(pattern: str) -> str:
    """The same expression for Python, which has no names for letters and digits.

    Examples
    --------
    >>> bool(re.search(python_pattern(r"(^|[^\\pL\\pN])(jane)([^\\pL\\pN]|$)"), "a jane_"))
    True
    """
    return pattern.replace(r"[^\pL\pN]", r"(?:[\W_])").replace(r"[^\pL\pN@]", r"(?:(?!@)[\W_])")
