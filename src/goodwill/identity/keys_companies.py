"""Names of companies without legal form, punctuation and decoration."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

#: Forms that the list of legal terms lacks, without dots, as they end a name.
MORE_FORMS = (
    "se", "kgaa", "ug", "ug haftungsbeschrankt", "haftungsbeschrankt", "gmbh and co kg", "gmbh and co kgaa",
    "ag and co kg", "ag and co kgaa", "se and co kg", "se and co kgaa", "ggmbh", "mbh", "gmbh i g", "eg", "ev", "ek",
    "e k", "gbr", "ohg", "partg mbb", "partgmbb", "stiftung and co kg", "pvt ltd", "private limited", "pvt", "pte ltd",
    "pty", "co ltd", "company limited", "and co ltd", "kk", "k k", "gk", "sdn bhd", "bhd", "tbk", "pjsc", "psc", "jsc",
    "ojsc", "cjsc", "fzco", "fze", "fz llc", "wll", "bsc", "saoc", "sas", "sasu", "sarl", "sarlu", "srls", "spa", "sl",
    "slu", "sa de cv", "s de rl de cv", "sapi de cv", "sab de cv", "sc", "eireli", "me", "epp", "ltda", "bv", "nv",
    "cv", "vof", "bvba", "srl", "sprl", "asbl", "oy", "oyj", "ab", "publ", "ab publ", "aps", "asa", "ans", "hf", "ehf",
    "doo", "dd", "ad", "ooo", "oao", "zao", "pao", "ao", "tov", "kft", "zrt", "nyrt", "sro", "as", "sp z oo", "sp zoo",
    "sp k", "sp j", "sia", "uab", "ou", "eood", "ood", "ead", "as oy", "a s", "n v", "b v", "s a", "s p a", "s r l",
    "l l c", "a g", "l t d", "i n c", "p l c", "co kg", "and co kg", "and co", "and company", "company", "co", "inc",
    "incorporated", "corp", "corporation", "ltd", "limited", "llc", "llp", "lllp", "lp", "plc", "pllc", "pc", "cic",
    "nfp", "gmbh", "ag", "kg", "unlimited company", "uc", "dac", "clg", "ulc", "lda", "unipessoal lda", "sgps sa",
    "as a", "vzw", "cvba", "comm v",
)  # fmt: skip
#: Terms of the list that are words or countries more often than legal forms.
NO_FORMS = frozenset(
    ("uk", "ok", "et", "at", "da", "nl", "us", "fa", "ei", "ep", "sem", "sep", "ent", "private", "coop", "koop", "etat",
     "cio", "fie", "ij", "ay", "bl", "ba", "og", "sd", "rt", "qk", "xt", "xk", "ik", "ps", "ud", "pse", "psu", "gp",
     "sp", "ee", "ae", "oe", "pp", "mb", "hb", "kb", "kf", "sf", "vat", "dat", "aat", "cpt", "teo", "tapui", "obrt",
     "ses",
     "gte", "stg", "scop", "fcp", "esv", "gie", "adsitz", "scs", "ec", "kt", "sal", "bm", "d", "a", "s")
)  # fmt: skip
#: Forms that are words too: they count only written as forms are, in capitals or with dots ("SpA", not "Spa").
WORDS_TOO = frozenset(
    ("spa", "as", "se", "me", "ad", "ao", "sc", "eg", "ev", "ek", "pc", "pt", "uc", "cv", "ou", "dd", "hf", "ans",
     "sia", "sas", "sl", "ug", "gk", "kk")
)  # fmt: skip
#: Forms that stand before a name.
BEFORE = frozenset(("ooo", "oao", "zao", "pao", "ao", "pt", "tov", "uab", "sia", "ud", "cv"))
#: Legal forms in scripts of their own, before or behind the name.
_EAST_ASIAN = re.compile(
    r"株式会社|有限会社|合同会社|\(株\)|㈱|股份有限公司|有限责任公司|有限責任公司|有限公司|集团公司|주식회사|\(주\)|㈜|유한회사"
)
#: Said instead of a company's name.
NO_COMPANY = frozenset(
    (
        "na", "n a", "none", "no", "null", "nan", "nil", "unknown", "not applicable", "not available", "no company",
        "not provided", "test", "test company", "company", "company name", "self", "self employed", "selfemployed",
        "myself", "me", "own", "own business", "freelance", "freelancer", "freelancing", "independent",
        "independent consultant", "consultant", "contractor", "sole trader", "unemployed", "between jobs", "seeking",
        "looking for work", "open to work", "student", "university", "retired", "private", "privat", "privatperson",
        "private person", "individual", "personal", "home", "confidential", "stealth", "stealth startup",
        "stealth mode", "startup", "various", "misc", "keine", "keine angabe", "kein", "unbekannt",
        "selbststandig", "freiberufler", "freiberuflich", "particulier", "aucun", "aucune", "ninguno", "ninguna",
        "autonomo", "household", "xxx", "xx", "x", "asdf", "tbd", "tba", "gmail", "hotmail", "yahoo",
    )
)  # fmt: skip
#: Words that name a part of a family of companies, or all of it.
_FAMILY_WORDS = frozenset(
    (
        "group", "gruppe", "groupe", "grupo", "gruppo", "groep", "holding", "holdings", "international",
        "global", "worldwide", "europe", "emea", "apac", "americas", "usa", "us", "uk", "deutschland", "germany",
        "france", "italia", "espana", "nederland", "austria", "osterreich", "schweiz", "suisse", "ireland", "canada",
        "india", "china", "japan", "australia", "nordic", "dach",
    )
)  # fmt: skip


def company_name(raw: str | None) -> str | None:
    """A company's name in plain lower-case letters without legal form; None where the text names no company.

    A group or a holding keeps its word: it is related to the company of that name, not the same
    (``company_family`` leaves it out).

    References
    ----------
    Legal forms: cleanco, and ``MORE_FORMS``.

    Examples
    --------
    >>> company_name("The Acme & Sons Co., Ltd."), company_name("ACME GmbH & Co. KG")
    ('acme and sons', 'acme')
    >>> company_name("株式会社トヨタ"), company_name("Self-employed"), company_name("I.B.M. Corp.")
    ('toyota', None, 'ibm')
    """
    words = _words(raw or "")
    name = " ".join(_without_forms(words))
    return None if not name or name in NO_COMPANY else name


def company_family(raw: str | None) -> str | None:
    """The name without words for groups, holdings and countries: related companies share it.

    Examples
    --------
    >>> company_family("Acme Holding AG"), company_family("Acme Deutschland GmbH"), company_family("The Group")
    ('acme', 'acme', 'group')
    """
    name = company_name(raw)
    if name is None:
        return None
    words = name.split()
    kept = [w for w in words if w not in _FAMILY_WORDS]
    return " ".join(kept or words)


def _words(raw: str) -> list[tuple[str, bool]]:
    """The words, and of each whether it is written as legal forms are."""
    text = unicodedata.normalize("NFKC", raw.strip().removeprefix("company:"))
    text = _EAST_ASIAN.sub(" ", text)
    if not text.isascii():
        from anyascii import anyascii

        text = anyascii(text)
    text = re.sub(r"[(\[](?:formerly|former|ex|fka|f/k/a|now|previously)\b[^)\]]*[)\]]", " ", text, flags=re.IGNORECASE)
    text = re.sub(r"['’`]", "", text).replace("&", " and ").replace("+", " and ")
    # A/S is one form, and so are z o.o. and z.o.o.
    text = re.sub(r"\b([A-Za-z])/([A-Za-z])\b", r"\1\2", text)
    shouted = text.upper() == text
    found = []
    for piece in re.findall(r"[A-Za-z0-9.]+", text):
        marked = ("." in piece.rstrip(".") and len(piece) <= 8) or (not shouted and piece[1:] != piece[1:].lower())
        # dots part initials, which belong together, or words, which do not
        initials = re.fullmatch(r"(?:[A-Za-z0-9]{1,2}\.)+[A-Za-z0-9]{0,2}\.?", piece)
        parts = [piece.replace(".", "")] if initials else piece.split(".")
        found += [(part.lower(), marked) for part in parts if part]
    return found


def _without_forms(marked: list[tuple[str, bool]]) -> list[str]:
    words = [word for word, _ in marked]
    is_form = {word for word, is_marked in marked if is_marked}
    while True:
        front = int(len(words) > 1 and _leads(words[0], is_form))
        size = _ending(words[front:], is_form)
        if not front and not size:
            return words
        words = words[front : len(words) - size]


def _leads(word: str, is_form: set[str]) -> bool:
    """May the word stand before a name without being part of it?"""
    return word == "the" or (word in BEFORE and (word not in WORDS_TOO or word in is_form))


def _ending(words: list[str], is_form: set[str]) -> int:
    """How many of the last words are a legal form; never all of them."""
    for size in range(min(LONGEST, len(words) - 1), 0, -1):
        ending = tuple(words[-size:])
        if ending == ("and",):
            return 1
        if ending in _forms() and (size > 1 or ending[0] not in WORDS_TOO or ending[0] in is_form):
            return size
    return 0


#: Words in the longest legal form.
LONGEST = 5


@cache
def _forms() -> frozenset[tuple[str, ...]]:
    from cleanco.clean import prepare_default_terms  # type: ignore[import-untyped]

    known = {
        tuple(" ".join(parts).replace("&", "and").replace("/", "").split()) for _, parts in prepare_default_terms()
    }
    plain = {parts for parts in known if parts and all(p.isascii() and p.isalnum() for p in parts)}
    more = {tuple(form.split()) for form in MORE_FORMS}
    return frozenset(f for f in plain | more if not (len(f) == 1 and f[0] in NO_FORMS))
