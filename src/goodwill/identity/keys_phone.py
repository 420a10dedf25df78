"""Telephone numbers in E.164 form, the extension behind an x; and the plans by which plain ones are read in SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

#: Where a number leaves no doubt it is +, or 00 outside North America, that makes it international.
_LETTERS = re.compile(r"[^\W\d_]{2,}")
#: "x45", "ext. 45", "Durchwahl 45", "poste 45", "#45" at the end, which the library knows in part only.
_EXTENSION = re.compile(
    r"(?:[\s,;/-]*)(?:;ext=|ext(?:ension|n)?\b\.?|durchwahl|dw|poste|anexo|int\b\.?|x|#)\s*[:.]?\s*(\d{1,7})\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Plan:
    """How plain national numbers of one region are read: E.164 is ``+code`` and the number without the prefix.

    ``lengths`` are the possible numbers of digits behind the code; what begins with one of ``others`` is read in
    another way. Regions with other rules have no plan.
    """

    region: str
    code: str
    prefix: str | None
    others: tuple[str, ...]
    lengths: tuple[int, ...]


def phone(raw: str | None, region: str | None = None) -> str | None:
    """A telephone number as ``+4930123456`` or, with an extension, ``+4930123456x78``; None where it is none.

    Parameters
    ----------
    raw : str or None
        As somebody typed it.
    region : str, optional
        Country (ISO 3166-1) that numbers without country code are from; such numbers are None where it is not known.

    References
    ----------
    ITU-T E.164; Google's libphonenumber, as ported in phonenumbers.

    Examples
    --------
    >>> phone("(030) 123 456-0", "DE"), phone("0049 30 123456"), phone("+1 212-555-0100 ext. 7")
    ('+49301234560', '+4930123456', '+12125550100x7')
    >>> phone("030 123456") is None
    True
    """
    text = (raw or "").strip().removeprefix("phone:").removeprefix("tel:")
    found = _EXTENSION.search(text)
    extension = found[1].lstrip("0") if found else ""
    text = text[: found.start()] if found else text
    if text.startswith("00") and region not in OTHER_EXITS:
        text = "+" + text[2:]
    number = _e164(text, region)
    return f"{number}x{extension}" if number and extension else number


#: Regions in which 00 does not lead abroad: a number that begins so is not international there.
OTHER_EXITS = frozenset(("US", "CA", "JP", "AU", "KR", "SG", "HK", "TH", "BR", "CO", "RU", "KZ", "IL"))


def _e164(text: str, region: str | None) -> str | None:
    import phonenumbers

    if not any(c.isdigit() for c in text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if _LETTERS.search(text) or not possible:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@cache
def plan(region: str) -> Plan | None:
    """The plan of a region if its numbers are plain: one national prefix at most, no rule that rewrites numbers.

    Examples
    --------
    >>> plan("DE").code, plan("DE").prefix, plan("US").lengths, plan("BR")
    ('49', '0', (10,), None)
    """
    import phonenumbers

    known = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if known is None or known.general_desc is None or known.national_prefix_transform_rule is not None:
        return None
    prefix, parsing = known.national_prefix, known.national_prefix_for_parsing or ""
    if not re.fullmatch(r"[\d|]*", parsing):
        return None
    others = tuple(p for p in parsing.split("|") if p and p != prefix)
    lengths = tuple(n for n in known.general_desc.possible_length if n > 0)
    return Plan(region, str(known.country_code), prefix, others, lengths)


def plan_of_code(code: str) -> Plan | None:
    """The plan of the main region of a country code, None where it has none or there is no such code.

    Examples
    --------
    >>> plan_of_code("44").region, plan_of_code("999")
    ('GB', None)
    """
    import phonenumbers

    region = phonenumbers.region_code_for_country_code(int(code))
    return plan(region) if region not in ("ZZ", "001") else None
