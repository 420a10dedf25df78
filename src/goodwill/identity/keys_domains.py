"""From an internet domain to the company behind it: registrable domain, platforms that host others, the brand."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from goodwill.identity.keys_mail import DISPOSABLE, FREE_MAIL, SAME_PROVIDER, ascii_domain

if TYPE_CHECKING:
    from tldextract import TLDExtract

#: Where others have a page: the domain says nothing about whose page it is. The public suffix list knows more.
PLATFORMS = frozenset(
    (
        "linktr.ee", "about.me", "bio.link", "beacons.ai", "lnk.bio", "campsite.bio", "taplink.cc", "allmylinks.com",
        "wordpress.com", "substack.com", "medium.com", "tumblr.com", "livejournal.com", "weebly.com", "squarespace.com",
        "wix.com", "jimdo.com", "strikingly.com", "godaddysites.com", "ghost.io", "notion.site", "sites.google.com",
        "google.com", "facebook.com", "fb.com", "instagram.com", "linkedin.com", "twitter.com", "x.com", "t.co",
        "youtube.com", "youtu.be", "tiktok.com", "threads.net", "bsky.app", "mastodon.social", "pinterest.com",
        "reddit.com", "xing.com", "github.com", "gitlab.com", "behance.net", "dribbble.com", "etsy.com", "ebay.com",
        "amazonaws.com", "bit.ly", "goo.gl", "tinyurl.com", "ow.ly", "buff.ly", "hubspot.com", "mailchi.mp",
        "eventbrite.com", "meetup.com", "calendly.com", "typeform.com", "patreon.com", "vk.com", "t.me", "wa.me",
    )
)  # fmt: skip

#: Private suffixes under which companies register their names as under a country's (CentralNic and others).
REGISTRIES = frozenset(
    ("br.com", "cn.com", "co.com", "de.com", "eu.com", "gb.net", "gr.com", "hu.net", "in.net", "jp.net", "jpn.com",
     "mex.com", "ru.com", "sa.com", "se.net", "uk.com", "uk.net", "us.com", "za.com", "co.nl", "co.no", "com.de",
     "com.se", "co.krd", "za.bz", "ae.org", "us.org", "radio.am", "radio.fm")
)  # fmt: skip

_HOST = re.compile(r"^(?:(?:[a-z][a-z0-9+.-]*:)?//)?(?:[^/@\s]*@)?([^/:?#\s]+)", re.IGNORECASE)


@cache
def _extractor() -> TLDExtract:
    """The bundled list of public suffixes; never fetched, never written to disk."""
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def host(raw: str | None) -> str | None:
    """The host that an address names, in the letters of the net; None where it names none.

    Examples
    --------
    >>> host("https://www.Acme.com/about?x=1"), host("jane@mail.acme.com"), host("Acme Inc")
    ('www.acme.com', 'mail.acme.com', None)
    """
    text = (raw or "").strip().removeprefix("domain:")
    found = _HOST.match(text)
    if found is None or " " in text.split("/")[0]:
        return None
    return ascii_domain(found[1])


def company_domain(raw: str | None) -> str | None:
    """The domain that the company registered: ``mail.acme.co.uk`` gives ``acme.co.uk``.

    None where the address names no company: mail providers, platforms that host others, no domain at all.

    References
    ----------
    Mozilla Foundation, Public Suffix List, as bundled with tldextract.

    Examples
    --------
    >>> company_domain("https://www.mail.acme.co.uk/x"), company_domain("jane@gmail.com")
    ('acme.co.uk', None)
    >>> company_domain("acme.blogspot.com"), company_domain("acme.uk.com")
    (None, 'acme.uk.com')
    """
    named = host(raw)
    if named is None:
        return None
    label, _, country = named.rpartition(".")
    if "." not in label and named not in _suffixes() and country in _suffixes() and f"*.{country}" not in _suffixes():
        return None if named in _NOBODYS else named  # two words, the usual case, need no extractor
    public = _extractor()(named)
    private = _extractor()(named, include_psl_private_domains=True)
    if private.suffix != public.suffix and private.suffix not in REGISTRIES:
        return None
    chosen = private.top_domain_under_public_suffix
    return None if not chosen or chosen in _NOBODYS else chosen


@cache
def _suffixes() -> frozenset[str]:
    """Every public and private suffix; rules for all names below one begin with a star."""
    from tldextract import TLDExtract

    return frozenset(TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True).tlds)


_NOBODYS = PLATFORMS | DISPOSABLE | frozenset(FREE_MAIL) | frozenset(SAME_PROVIDER)


def brand(raw: str | None) -> str | None:
    """The name in a company's domain, whatever the country: ``acme.de`` and ``acme.com`` are related, not the same.

    Examples
    --------
    >>> brand("shop.acme.de"), brand("www.acme-group.co.uk"), brand("gmail.com")
    ('acme', 'acmegroup', None)
    """
    registered = company_domain(raw)
    return None if registered is None else brand_of(registered)


def brand_of(registered: str) -> str:
    """The brand of a domain that ``company_domain`` gave.

    Examples
    --------
    >>> brand_of("acme.co.uk")
    'acme'
    """
    if registered.count(".") == 1:
        label = registered.partition(".")[0]
        return label.replace("-", "") if not label.startswith("xn--") else label
    label = _extractor()(registered, include_psl_private_domains=True).domain
    return label.replace("-", "") if not label.startswith("xn--") else label
