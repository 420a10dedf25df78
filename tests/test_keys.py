"""Normalised keys: what each spelling becomes, that a key of a key is itself, and that SQL and Python agree."""

from __future__ import annotations

import random

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canonical import engine
from goodwill.identity import key_tables, keys, record_keys
from goodwill.identity.keys_phone import plan

MAILS = [
    ("jane@acme.com", "jane@acme.com"), (" Jane.Doe@ACME.com ", "jane.doe@acme.com"),
    ("j.a.n.e@gmail.com", "jane@gmail.com"), ("jane+news@gmail.com", "jane@gmail.com"),
    ("J.Doe+x+y@googlemail.com", "jdoe@gmail.com"), ("jane+x@outlook.com", "jane@outlook.com"),
    ("jane.doe@outlook.com", "jane.doe@outlook.com"), ("jane+crm@acme.com", "jane+crm@acme.com"),
    ("jane@me.com", "jane@icloud.com"), ("jane@pm.me", "jane@proton.me"), ("jane-x@yahoo.com", "jane-x@yahoo.com"),
    ("mailto:jane@acme.com?subject=x", "jane@acme.com"), ("Jane Doe <jane@acme.com>", "jane@acme.com"),
    ("email:jane@acme.com", "jane@acme.com"), ("jane@acme.com;", "jane@acme.com"), ("'jane@acme.com'", "jane@acme.com"),
    ("jane@münchen.de", "jane@xn--mnchen-3ya.de"), ("ｊａｎｅ@acme.com", "jane@acme.com"),
    ("jané@acme.fr", "jané@acme.fr"),
    ("jane\u200b@acme.com", "jane@acme.com"), ("o'neil@acme.ie", "o'neil@acme.ie"),
    ("jane@mail.acme.co.uk.", "jane@mail.acme.co.uk"),
    ("jane@acme", None), ("jane", None), ("", None), (None, None), ("@acme.com", None), ("jane@@acme.com", None),
    ("jane doe@acme.com", None), ("a@b.c, d@e.f", None), ("https://acme.com/@jane", None), ("jane@-acme.com", None),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "address"), MAILS)
def test_two_spellings_of_a_mailbox_are_one(raw: str | None, address: str | None) -> None:
    found = keys.mail(raw)
    assert (found.address if found else None) == address


@pytest.mark.parametrize(
    ("raw", "role", "free", "disposable"),
    [
        ("info@acme.com", True, False, False), ("Sales-UK@acme.com", True, False, False),
        ("no-reply@acme.com", True, False, False), ("support2@acme.de", True, False, False),
        ("support+x@acme.de", True, False, False), ("kontakt@acme.de", True, False, False),
        ("noemail@noemail.com", True, False, False), ("jane@example.com", True, False, False),
        ("salesman@acme.com", False, False, False), ("jane@gmx.de", False, True, False),
        ("jane@googlemail.com", False, True, False), ("x@mailinator.com", False, False, True),
    ],
)  # fmt: skip
def test_desks_private_and_passing_mailboxes_are_told(raw: str, role: bool, free: bool, disposable: bool) -> None:
    found = keys.mail(raw)
    assert found is not None
    assert (found.is_role, found.is_free, found.is_disposable) == (role, free, disposable)


@pytest.mark.parametrize(
    ("raw", "region", "number"),
    [
        ("+49 30 123456", None, "+4930123456"), ("030/123456", "DE", "+4930123456"),
        ("0049 30 123456", None, "+4930123456"),
        ("+49 (0)30 123456", None, "+4930123456"), ("(212) 555-0100", "US", "+12125550100"),
        ("1-212-555-0100", "US", "+12125550100"), ("212.555.0100 x 12", "US", "+12125550100x12"),
        ("+1 212 555 0100 ext. 012", None, "+12125550100x12"), ("030 123456 Durchwahl 7", "DE", "+4930123456x7"),
        ("+44 20 7946 0018", None, "+442079460018"), ("020 7946 0018", "GB", "+442079460018"),
        ("06 698 12345", "IT", "+390669812345"), ("11 98765-4321", "BR", "+5511987654321"),
        ("+7 495 123-45-67", None, "+74951234567"), ("tel:+4930123456", None, "+4930123456"),
        ("phone:+4930123456", None, "+4930123456"), ("011 49 30 123456", "US", "+4930123456"),
        ("030 123456", None, None), ("n/a", "DE", None), ("12", "DE", None), ("+999 123456", None, None),
        ("", "DE", None),
        ("call me", "US", None), ("00000000", "DE", None),
    ],
)  # fmt: skip
def test_telephone_numbers_in_international_form(raw: str, region: str | None, number: str | None) -> None:
    assert keys.phone(raw, region) == number


PEOPLE = [
    ("Jane Doe", "jane", "doe"), ("DOE, JANE", "jane", "doe"), ("Doe, Jane, PhD", "jane", "doe"),
    ("Jane Doe, CFA", "jane", "doe"), ("Jane Doe, MBA, PMP", "jane", "doe"), ("Dr. Jane Doe", "jane", "doe"),
    ("Prof. Dr. med. Jane Doe", "jane", "doe"), ("Herr Max Muster", "max", "muster"), ("Mr Smith", None, "smith"),
    ("John Doe Jr.", "john", "doe"), ("John Doe III", "john", "doe"), ("Ludwig van der Berg", "ludwig", "van der berg"),
    ("van der Berg, Ludwig", "ludwig", "van der berg"), ("Berg, Ludwig van der", "ludwig", "van der berg"),
    ("Maria de la Cruz", "maria", "de la cruz"), ("Osama El-Baradei", "osama", "el baradei"),
    ("J. R. R. Tolkien", "j", "tolkien"),
    ("Jean-Luc Picard", "jean", "picard"), ("Conan O'Brien", "conan", "obrien"), ("Jürgen Müller", "jurgen", "muller"),
    ("Łukasz Żółć", "lukasz", "zolc"), ("Юрий Гагарин", "yuriy", "gagarin"), ("Jane Doe 🚀", "jane", "doe"),
    ("🌟 Jane Doe | CMO @Acme", "jane", "doe"), ("Jane Doe - CMO at Acme", "jane", "doe"),
    ("Jane Doe • Speaker", "jane", "doe"),
    ("Jane Doe (she/her)", "jane", "doe"), ('Robert "Bob" Smith', "robert", "smith"), ("Jane Doe @Acme", "jane", "doe"),
    ("Yo-Yo Ma", "yo", "ma"), ("Jane Doe MD", "jane", "doe"), ("Wang Xiaoming", "wang", "xiaoming"),
    ("王小明", None, None), ("Madonna", None, "madonna"), ("Jane  Mary   Doe", "jane", "doe"),
    ("jane doe", "jane", "doe"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "given_name", "family"), PEOPLE)
def test_given_and_family_name_are_told_apart(raw: str, given_name: str | None, family: str | None) -> None:
    found = keys.person_name(raw)
    assert found is not None
    assert (found.given, found.family) == (given_name, family)


@pytest.mark.parametrize(
    "raw", ["", None, "n/a", "Unknown", "-", "jane@acme.com", "https://acme.com", "🚀", "LinkedIn Member", "123", "X"]
)
def test_what_names_nobody_is_no_name(raw: str | None) -> None:
    assert keys.person_name(raw) is None


def test_names_in_chinese_keep_their_order_and_stay_whole() -> None:
    assert keys.person_name("王小明") == keys.PersonName("wang xiao ming", None, None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("bob", "robert", True), ("kate", "katherine", True), ("j", "jane", True), ("jane", "jane", True),
     ("jane", "john", False)],
)  # fmt: skip
def test_short_forms_of_given_names(one: str, other: str, same: bool) -> None:
    assert keys.may_be_the_same_given_name(one, other) is same
    assert keys.may_be_the_same_given_name(other, one) is same


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Acme", "acme"), ("ACME Inc.", "acme"), ("Acme, Inc", "acme"), ("The Acme Company", "acme"),
        ("Acme GmbH", "acme"),
        ("Acme GmbH & Co. KG", "acme"), ("Acme GmbH & Co KGaA", "acme"), ("Acme AG", "acme"), ("Acme S.p.A.", "acme"),
        ("Acme SpA", "acme"), ("Blue Spa", "blue spa"), ("Acme S.A.", "acme"), ("Acme Pty Ltd", "acme"),
        ("Acme Pvt. Ltd.", "acme"),
        ("Acme Co., Ltd.", "acme"), ("Acme B.V.", "acme"), ("Acme Oy", "acme"), ("Acme A/S", "acme"),
        ("Acme Sp. z o.o.", "acme"),
        ("Acme LLC", "acme"), ("Acme L.L.C.", "acme"), ("Acme UG (haftungsbeschränkt)", "acme"),
        ("ООО Ромашка", "romashka"),
        ("株式会社トヨタ", "toyota"), ("トヨタ株式会社", "toyota"), ("I.B.M. Corp.", "ibm"),
        ("Johnson & Johnson", "johnson and johnson"),
        ("Johnson and Johnson", "johnson and johnson"), ("Acme & Co.", "acme"), ("Coca-Cola", "coca cola"),
        ("McDonald's", "mcdonalds"),
        ("Nestlé S.A.", "nestle"), ("Acme Holding AG", "acme holding"), ("Acme Group", "acme group"),
        ("Acme UK Ltd", "acme uk"),
        ("company:acme gmbh", "acme"), ("Company", None), ("n/a", None), ("Self-employed", None),
        ("Freelancer", None), ("-", None),
        ("", None), (None, None), ("GmbH", "gmbh"), ("The The", "the"), ("3M", "3m"),
        ("Booking.com B.V.", "booking com"),
    ],
)  # fmt: skip
def test_companies_without_their_legal_form(raw: str | None, name: str | None) -> None:
    assert keys.company_name(raw) == name


@pytest.mark.parametrize(
    ("raw", "domain", "brand"),
    [
        ("acme.com", "acme.com", "acme"), ("https://www.Acme.com/about?x=1", "acme.com", "acme"),
        ("mail.acme.co.uk", "acme.co.uk", "acme"),
        ("acme.de", "acme.de", "acme"), ("jane@shop.acme.de", "acme.de", "acme"),
        ("domain:acme.com", "acme.com", "acme"),
        ("acme.uk.com", "acme.uk.com", "acme"), ("gmail.com", None, None), ("mail.gmail.com", None, None),
        ("acme.blogspot.com", None, None),
        ("acme.wordpress.com", None, None), ("linktr.ee/acme", None, None), ("acme.github.io", None, None),
        ("co.uk", None, None),
        ("localhost", None, None), ("Acme Inc", None, None), ("", None, None), (None, None, None),
        ("192.168.1.1", None, None),
        ("acme-group.com:8080", "acme-group.com", "acmegroup"), ("münchen.de", "xn--mnchen-3ya.de", "xn--mnchen-3ya"),
        ("mailinator.com", None, None), ("acme.invalidtld", None, None),
    ],
)  # fmt: skip
def test_domains_lead_to_who_registered_them(raw: str | None, domain: str | None, brand: str | None) -> None:
    assert (keys.company_domain(raw), keys.brand(raw)) == (domain, brand)


@pytest.mark.parametrize(
    ("raw", "seniority", "function"),
    [
        ("CMO", "chief", "marketing"), ("Chief Executive Officer", "chief", "management"),
        ("VP Sales", "vice president", "sales"),
        ("SVP, Marketing", "vice president", "marketing"), ("Vice President of Finance", "vice president", "finance"),
        ("Director of HR", "director", "human resources"), ("Head of IT", "head", "technology"),
        ("Mktg Mgr", "manager", "marketing"),
        ("Sr. Software Engineer", "senior", "technology"), ("Software Engineer", "staff", "technology"),
        ("Intern", "intern", None),
        ("Founder & CEO", "owner", "management"), ("Geschäftsführer", "chief", "management"),
        ("Executive Assistant", "assistant", None),
        ("Account Executive", "staff", "sales"), ("Customer Success Manager", "manager", "service"),
        ("Procurement Lead", "manager", "purchasing"),
        ("President", "chief", "management"), ("General Counsel", "staff", "legal"),
    ],
)  # fmt: skip
def test_titles_tell_rank_and_work(raw: str, seniority: str, function: str | None) -> None:
    found = keys.job_title(raw)
    assert found is not None
    assert (found.seniority, found.function) == (seniority, function)


@pytest.mark.parametrize(
    ("raw", "code"),
    [("DE", "DE"), ("deutschland", "DE"), ("Germany", "DE"), ("USA", "US"), ("U.S.A.", "US"),
     ("United Kingdom", "GB"), ("UK", "GB"),
     ("Österreich", "AT"), ("Frankreich", "FR"), ("Schweiz", "CH"), ("South Korea", "KR"), ("CHE", "CH"),
     ("Utopia", None), ("", None)],
)  # fmt: skip
def test_countries_by_what_people_write(raw: str, code: str | None) -> None:
    assert keys.country_code(raw) == code


def test_the_country_of_a_time_zone() -> None:
    assert [keys.region_of_zone(z) for z in ("Europe/Berlin", "Asia/Tokyo", "UTC", None)] == ["DE", "JP", None, None]


PIECES = [
    *"abAB ÉüΩяб王🚀.,-+@/:'&|()12",
    " GmbH",
    " inc.",
    " Dr ",
    " jr",
    " van ",
    "x.com/",
    "https://",
    "The ",
    " and co",
]
LETTERS = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


@given(LETTERS)
def test_a_key_of_a_key_is_itself(raw: str) -> None:
    name, company, title, box = keys.person_name(raw), keys.company_name(raw), keys.job_title(raw), keys.mail(raw)
    assert name is None or getattr(keys.person_name(name.name), "name", None) == name.name
    assert company is None or keys.company_name(company) == company
    assert title is None or getattr(keys.job_title(title.title), "title", None) == title.title
    assert box is None or keys.mail(box.address) == box
    for venue in ("x", "linkedin", "facebook", "mastodon"):
        handle = keys.handle(venue, raw)
        assert handle is None or keys.handle(venue, handle) == handle
    node = keys.profile(raw)
    assert node is None or keys.profile_node(node) == node


@given(st.from_regex(r"\A[a-z0-9._+-]{1,12}@(gmail|GMX|acme|mail\.acme)\.(com|de|co\.uk)\Z"))
def test_domains_and_numbers_are_stable_too(raw: str) -> None:
    box = keys.mail(raw)
    domain = keys.company_domain(raw)
    assert domain is None or keys.company_domain(domain) == domain
    assert box is None or box.address == box.address.lower()


def test_sql_reads_addresses_as_python_does() -> None:
    draw = random.Random(3)
    boxes = [
        "jane",
        "j.doe",
        "J.Doe+a",
        "+x",
        "a.",
        "x_y",
        "info",
        "sales-uk",
        "support2",
        "é",
        "jane doe",
        "a+b+c",
        "-",
        "a..b",
    ]
    hosts = [
        "gmail.com",
        "GoogleMail.com",
        "acme.com",
        "me.com",
        "yahoo.de",
        "münchen.de",
        "acme",
        "-a.com",
        "example.com",
        "a.co.uk.",
    ]
    said = sorted({f"{draw.choice(boxes)}@{draw.choice(hosts)}" for _ in range(200)})
    tables = engine({"people": [{"id": f"s/contact:{i}", "email": raw} for i, raw in enumerate(said)]})
    key_tables.fill(tables)
    found = {row["raw"]: row for row in tables.rows("FROM mail_keys")}
    expected = {raw: box for raw in said if (box := keys.mail(raw))}
    assert found.keys() == expected.keys()
    for raw, box in expected.items():
        row = found[raw]
        told = (row["email"], row["local"], row["domain"], row["is_role"], row["is_free"])
        assert told == (box.address, box.local, box.domain, box.is_role, box.is_free), raw


def test_sql_reads_numbers_as_the_library_does() -> None:
    """Numbers of many lengths with and without prefixes and country codes, in every region that has a plan."""
    draw = random.Random(5)
    regions = sorted(r for r in phonenumbers.SUPPORTED_REGIONS if plan(r))
    said = []
    for region in regions:
        code = str(phonenumbers.country_code_for_region(region))
        for _ in range(12):
            digits = "".join(draw.choice("0123456789") for _ in range(draw.randint(4, 13)))
            front = draw.choice(["", "0", "00" + code, "+" + code + " ", "+", f"+{code} 0", code])
            said.append(
                (front + digits[:3] + draw.choice([" ", "-", ""]) + digits[3:], draw.choice([region, region, None]))
            )
    tables = engine({})
    given_rows = pa.table({"raw": [s[0] for s in said], "region": pa.array([s[1] for s in said], pa.string())})
    tables.register("said", given_rows)
    record_keys.phones(tables, "said")
    found = {(row["raw"], row["region"]): row["phone"] for row in tables.rows("FROM phone_keys")}
    expected = {(raw, region): number for raw, region in said if (number := keys.phone(raw, region))}
    assert found == expected
