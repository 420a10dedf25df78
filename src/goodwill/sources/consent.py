"""What people said of being written to and being tracked, as CRMs and mail programs record it."""

from __future__ import annotations

from goodwill.exports import Cell, Sheet
from goodwill.sources.cells import shown, sql, truth

#: Yes means: this person objects to marketing, and with that to profiles made for it.
OPTED_OUT = (
    "HasOptedOutOfEmail", "Has Opted Out Of Email", "Email Opt Out", "Contact: Email Opt Out",
    "Unsubscribed from all email", "property_hs_email_optout",
)  # fmt: skip
#: Yes means: this person asked not to be followed.
NOT_TRACKED = (
    "Do Not Track", "Don't Track", "Dont Track", "HasOptedOutTracking", "Has Opted Out Tracking",
    "Individual: Don't Track", "property_do_not_track",
)  # fmt: skip
#: In words, as HubSpot and fields of one's own keep it.
SAID = (
    "Legal basis", "Legal basis for processing contact's data", "property_hs_legal_basis", "Consent",
    "Consent status", "Marketing consent", "GDPR consent",
)  # fmt: skip
#: All columns that are understood here.
WISHES = (*OPTED_OUT, *NOT_TRACKED, *SAID)

#: HubSpot's legal bases are sentences; fields of one's own hold single words. The first that fits counts.
_IN_WORDS = (
    ("withdrawn", "withdr[ae]w|revoked|opted?[ -]?out|unsubscribed"),
    ("refused", "^(no|false|0)$|refused|denied|declined|not given|no consent"),
    ("given", "^(yes|true|1)$|given|granted|consented|opted?[ -]?in"),
)


def wishes(sheet: Sheet) -> dict[str, Cell]:
    """The columns ``consent`` and ``do_not_track`` of a person, as far as the sheet has them.

    Words that nobody knows refuse no row: they make the consent unknown.
    """
    found = {}
    if sheet.column(*OPTED_OUT, *SAID):
        out, said = truth(sheet, *OPTED_OUT).value, f"lower({shown(sheet, *SAID)})"
        words = " ".join(f"WHEN regexp_matches({said}, '{pattern}') THEN '{word}'" for word, pattern in _IN_WORDS)
        column = sheet.column(*OPTED_OUT, *SAID)
        found["consent"] = sql(f"CASE WHEN {out} THEN 'withdrawn' {words} ELSE 'unknown' END", column=column)
    if sheet.column(*NOT_TRACKED):
        found["do_not_track"] = sql(truth(sheet, *NOT_TRACKED).value, column=sheet.column(*NOT_TRACKED))
    return found


def subscription(sheet: Sheet, joined: tuple[str, ...], left: tuple[str, ...]) -> dict[str, Cell]:
    """The consent of a subscriber: withdrawn since they left the list, given since they confirmed."""
    if not sheet.column(*joined, *left):
        return {}
    gone, here = shown(sheet, *left), shown(sheet, *joined)
    said = f"CASE WHEN {gone} IS NOT NULL THEN 'withdrawn' WHEN {here} IS NOT NULL THEN 'given' ELSE 'unknown' END"
    return {"consent": sql(said, column=sheet.column(*left, *joined))}
