"""Names of people in plain letters: titles, credentials and slogans taken off, given and family name told apart."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nicknames import NickNamer

#: Forms of address and academic titles before a name, without dots.
TITLES = frozenset(
    (
        "mr", "mrs", "ms", "miss", "mx", "dr", "drs", "prof", "professor", "doctor", "doktor", "sir", "dame", "lord",
        "lady", "rev", "reverend", "fr", "hon", "capt", "captain", "col", "maj", "sgt", "lt", "gen", "herr", "hr",
        "frau", "fraulein", "dipl", "ing", "mag", "med", "jur", "rer", "nat", "phil", "habil", "mme", "mlle",
        "monsieur", "madame", "maitre", "senor", "senora", "srta", "sra", "don", "dona", "sig", "signor", "signora",
        "dott", "dottssa", "avv", "arch", "dhr", "mevr", "mw", "pan", "pani", "mgr", "judr", "mudr", "phdr",
    )
)  # fmt: skip
#: What follows a name and is none, wherever it stands there.
SUFFIXES = frozenset(
    (
        "jr", "sr", "jnr", "snr", "junior", "ii", "iii", "iv", "phd", "mba", "emba", "dphil", "edd", "psyd", "jd",
        "llm", "llb", "esq", "esquire", "cpa", "cfa", "acca", "fca", "aca", "pmp", "csm", "cspo", "cissp", "cisa",
        "cism", "shrm", "sphr", "msc", "bsc", "mph", "rn", "dds", "dvm", "pharmd", "pe", "peng", "faia", "mbe", "obe",
        "cbe", "kbe", "ret", "hons", "frsa", "mcim", "prosci", "itil",
    )
)  # fmt: skip
#: Credentials that are also names or parts of them: only behind a comma, or in capitals behind a whole name.
DOUBTFUL = frozenset(
    ("ma", "ba", "md", "do", "ms", "bs", "v", "pt", "ra", "aia", "meng", "beng", "md phd", "ca", "cma")
)
#: Words between given and family name that belong to the latter.
PARTICLES = frozenset(
    (
        "van", "von", "vom", "zu", "zum", "zur", "der", "den", "de", "del", "della", "dello", "dei", "degli", "di",
        "da", "das", "do", "dos", "du", "des", "la", "le", "las", "los", "lo", "ten", "ter", "te", "af", "av", "al",
        "el", "bin", "ibn", "bint", "abu", "st", "saint", "san", "santa", "mac", "mc", "op", "und", "y", "e", "d",
        "ap",
    )
)  # fmt: skip
#: Particles that are more often an initial or a word of their own: they only go along with another one.
_WEAK = frozenset(("e", "y", "d", "do", "und", "mac", "op", "san", "ap", "te", "lo"))
#: What people write into a field for a name that they do not want to fill.
NOBODY = frozenset(
    (
        "na", "n a", "none", "null", "nan", "unknown", "anonymous", "test", "test test", "asdf", "qwerty", "user",
        "admin", "name", "first name", "last name", "first last", "no name", "noname", "not provided", "not available",
        "unbekannt", "anonym", "x", "xx", "xxx", "guest", "customer", "contact", "info", "deleted user", "former user",
        "linkedin member", "facebook user", "twitter user", "instagram user", "a customer", "valued customer",
    )
)  # fmt: skip

#: A name that needs nothing but lower case: two or three words of plain letters.
_PLAIN = re.compile(r"[A-Za-z]{2,}(?: [A-Za-z]{2,}){1,2}")
#: What follows says what somebody does, or is a slogan.
_SLOGAN = re.compile(r"\s*(?:[|•·●▪◦►→⇒~]|//|::|\s[-–—]+\s|\s@|\s\bat\s+(?=[A-Z])).*$", re.DOTALL)
_ADDRESS = re.compile(r"://|^www\.|[^\s@]@[^\s@]+\.[^\s@]")
_ASIDE = re.compile(r"[(\[{（【].*?[)\]}）】]|(?<!\w)[\"“”„«»‘].*?[\"“”»’](?!\w)")
#: Latin letters outside the name-bearing scripts are no reason to leave the order alone; these scripts are.
_EAST_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")


@dataclass(frozen=True)
class PersonName:
    """A name in plain lower-case letters; ``given`` and ``family`` are None where they cannot be told apart."""

    name: str
    given: str | None
    family: str | None


def person_name(raw: str | None) -> PersonName | None:
    """A person's name without what is none; None where the text names nobody.

    Family names written first are turned round where a comma says so; East Asian names in their own script keep
    their order and stay whole, for nothing in them tells the parts apart.

    Examples
    --------
    >>> person_name("Prof. Dr. Jane Doe, PhD | CMO @Acme 🚀").name
    'jane doe'
    >>> person_name("van der Berg, Ludwig")
    PersonName(name='ludwig van der berg', given='ludwig', family='van der berg')
    >>> person_name("Юрий Гагарин"), person_name("n/a")
    (PersonName(name='yuriy gagarin', given='yuriy', family='gagarin'), None)
    """
    text = (raw or "").strip()
    if _PLAIN.fullmatch(text):
        parts = text.lower().split(" ")
        if not any(part in _SPECIAL for part in parts):
            whole = " ".join(parts)
            return None if whole in NOBODY else PersonName(whole, parts[0], parts[-1])
    found = _in_full(text)
    again = _in_full(found.name) if found else None
    while found and again and again.name != found.name:  # what is left of a name may begin with a title anew
        found, again = again, _in_full(again.name)
    return found if again else None


_SPECIAL = TITLES | SUFFIXES | DOUBTFUL | PARTICLES | NOBODY


def _in_full(text: str) -> PersonName | None:
    if _ADDRESS.search(text):
        return None
    text = _cleaned(text)
    if not any(c.isalpha() for c in text):
        return None
    if _EAST_ASIAN.search(text):
        whole = " ".join(_without_titles(_without_suffixes(_words(text), text)))
        return PersonName(whole, None, None) if whole and whole not in NOBODY else None
    given, family = _parts(text)
    name = " ".join([*given, *family])
    if not name or name in NOBODY or sum(c.isalpha() for c in name) < 2:
        return None
    return PersonName(name, given[0] if given else None, " ".join(family) or None)


def _cleaned(text: str) -> str:
    """Without pictures, asides and what follows a separator."""
    bare = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) not in _PICTURES)
    bare = _ASIDE.sub(" ", bare).strip()
    return _SLOGAN.sub("", bare).strip() or bare


#: Symbols, modifiers of symbols, what cannot be seen, private signs.
_PICTURES = frozenset(("So", "Sk", "Cf", "Cs", "Co", "Cn", "Cc"))


def _words(text: str) -> list[str]:
    """Lower-case words of plain letters; a sign of Chinese is a word of its own."""
    if not text.isascii():
        from anyascii import anyascii

        text = "".join(f" {anyascii(c)} " if _EAST_ASIAN.match(c) else anyascii(c) for c in text)
    text = re.sub(r"['’`´]", "", text.lower())
    return re.findall(r"[a-z]+", text)


def _parts(text: str) -> tuple[list[str], list[str]]:
    """Given and family names; one word alone is a family name if a title stands before it, else neither."""
    first, *rest = [piece for piece in text.split(",") if piece.strip()] or [""]
    said = [_words(piece) for piece in rest]
    behind = [words for words in said if words and not all(w in SUFFIXES | DOUBTFUL for w in words)]
    if behind:
        family, given = _without_suffixes(_words(first), first), _without_titles(_without_suffixes(behind[0], rest[0]))
        while given and len(given) > 1 and given[-1] in PARTICLES - _WEAK:
            family.insert(0, given.pop())
        return given, _without_titles(family)
    words = _without_suffixes(_words(first), first)
    untitled = _without_titles(words)
    if len(untitled) == 1:
        return [], untitled
    return _split(untitled)


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """The family name is the last word, with the particles before it and what stands between."""
    for i in range(1, len(words) - 1):
        if words[i] in PARTICLES and (words[i] not in _WEAK or words[i + 1] in PARTICLES):
            return words[:i], words[i:]
    return words[:-1], words[-1:]


def _without_titles(words: list[str]) -> list[str]:
    while len(words) > 1 and words[0] in TITLES:
        words = words[1:]
    return words


def _without_suffixes(words: list[str], text: str) -> list[str]:
    shouted = text.upper() == text
    marks = set(re.findall(r"\b[A-Z]{2,}\b", text.replace(".", ""))) if not shouted else set()
    while len(words) > 1:
        last = words[-1]
        is_credential = last in SUFFIXES or (len(words) > 2 and last in DOUBTFUL and last.upper() in marks)
        if not is_credential:
            return words
        words = words[:-1]
    return words


@cache
def _nicknames() -> NickNamer:
    from nicknames import NickNamer

    return NickNamer()


@cache
def formal_names(given: str) -> frozenset[str]:
    """The formal names that a given name may be short for, itself included.

    References
    ----------
    Names and nicknames of the Denton Public Library's genealogists, as bundled with nicknames.

    Examples
    --------
    >>> sorted(formal_names("liz"))
    ['elizabeth', 'lisa', 'liz', 'lizzie']
    """
    return frozenset((given, *_nicknames().canonicals_of(given)))


def may_be_the_same_given_name(one: str, other: str) -> bool:
    """Are two given names equal, an initial and a name, or a formal name and one of its short forms?

    Examples
    --------
    >>> may_be_the_same_given_name("bob", "robert"), may_be_the_same_given_name("j", "jane")
    (True, True)
    >>> may_be_the_same_given_name("bob", "bill")
    False
    """
    if one == other or (1 in (len(one), len(other)) and one[:1] == other[:1]):
        return True
    return one in formal_names(other) or other in formal_names(one)
