"""The grammar that sentences need: plurals, clauses and capitals."""

from __future__ import annotations

#: How venues write themselves; all others get a capital.
VENUES = {
    "linkedin": "LinkedIn",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "crm": "CRM",
    "email": "e-mail",
}


def venue_name(venue: str) -> str:
    """A venue as readers know it.

    Examples
    --------
    >>> venue_name("linkedin"), venue_name("mastodon"), venue_name("x")
    ('LinkedIn', 'Mastodon', 'X')
    """
    return VENUES.get(venue, venue[:1].upper() + venue[1:].replace("_", " "))


def label(text: str) -> str:
    """A figure's label as a heading: a capital, and a venue in front as it writes itself.

    Examples
    --------
    >>> label("linkedin: hours"), label("share won")
    ('LinkedIn: hours', 'Share won')
    """
    venue, colon, rest = text.partition(": ")
    return venue_name(venue) + colon + rest if colon else text[:1].upper() + text[1:]


#: What names a person of the company: its levels stay in the workspace.
PERSONAL = ("owner", "seller", "agent")


def covariate_name(column: str) -> str:
    """What was adjusted for, as readers know it; a level that may be somebody's name is left out.

    Examples
    --------
    >>> covariate_name("engagement_recent"), covariate_name("segment=Large"), covariate_name("owner=Jane Roe")
    ('engagement recent', 'segment: Large', 'owner')
    """
    factor, is_level, level = column.partition("=")
    named = factor.replace("_", " ")
    if not is_level or any(word in factor.lower() for word in PERSONAL):
        return named
    return f"{named}: {level}"


def indefinite(noun: str) -> str:
    """A noun as one of its kind.

    Examples
    --------
    >>> indefinite("opportunity"), indefinite("customer")
    ('an opportunity', 'a customer')
    """
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


def listed(parts: list[str]) -> str:
    """Words in a row.

    Examples
    --------
    >>> listed(["tools", "media", "agency"])
    'tools, media and agency'
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def plural(noun: str, number: float) -> str:
    """A noun as that many of it.

    Examples
    --------
    >>> plural("opportunity", 2), plural("venue-month", 1), plural("person", 3), plural("day", 0)
    ('opportunities', 'venue-month', 'people', 'days')
    """
    if number == 1 or not noun:
        return noun
    if noun.endswith("person"):
        return noun[: -len("person")] + "people"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    return noun if noun.endswith("s") else noun + "s"


def clause(text: str) -> str:
    """Words that are to stand inside a sentence: no outer spaces, no full stop.

    Examples
    --------
    >>> clause(" the CRM has no close dates. ")
    'the CRM has no close dates'
    """
    return text.strip().rstrip(".;,")


def as_sentence(text: str) -> str:
    """A clause as a sentence of its own.

    Examples
    --------
    >>> as_sentence("no subscription has ended")
    'No subscription has ended.'
    """
    words = clause(text)
    return words[:1].upper() + words[1:] + "."


def lower_first(text: str) -> str:
    """A sentence as it continues another.

    Examples
    --------
    >>> lower_first("Social touches raised it")
    'social touches raised it'
    """
    return text[:1].lower() + text[1:]


def printable(text: str) -> str:
    """Text without control characters: they make a terminal do things, and no picture can hold them.

    Examples
    --------
    >>> printable("a\\x1b[31mb")
    'a [31mb'
    """
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text)
