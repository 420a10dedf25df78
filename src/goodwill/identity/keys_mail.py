"""One mailbox, one key: e-mail addresses in the form in which two spellings of the same mailbox are equal."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

#: Mail providers whose domain says nothing about the company. The large ones; a company's own domain is never here.
FREE_MAIL = (
    "gmail.com", "googlemail.com", "outlook.com", "outlook.de", "outlook.fr", "outlook.es", "outlook.it",
    "outlook.com.br", "hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.it", "hotmail.es",
    "hotmail.com.br", "hotmail.nl", "live.com", "live.co.uk", "live.fr", "live.nl", "live.de", "live.it", "msn.com",
    "passport.com", "yahoo.com", "yahoo.co.uk", "yahoo.co.jp", "yahoo.fr", "yahoo.de", "yahoo.it", "yahoo.es",
    "yahoo.ca", "yahoo.co.in", "yahoo.in", "yahoo.com.br", "yahoo.com.mx", "yahoo.com.ar", "yahoo.com.au",
    "yahoo.com.sg", "yahoo.co.id", "yahoo.com.tw", "yahoo.com.hk", "ymail.com", "rocketmail.com", "aol.com", "aim.com",
    "icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "protonmail.ch", "pm.me", "gmx.de", "gmx.net",
    "gmx.com", "gmx.at", "gmx.ch", "gmx.fr", "gmx.co.uk", "gmx.us", "web.de", "t-online.de", "freenet.de", "arcor.de",
    "posteo.de", "mailbox.org", "online.de", "kabelmail.de", "vodafone.de", "mail.com", "email.com", "usa.com",
    "mail.ru", "bk.ru", "list.ru", "inbox.ru", "internet.ru", "rambler.ru", "yandex.ru", "yandex.com", "yandex.ua",
    "yandex.by", "yandex.kz", "ya.ru", "ukr.net", "i.ua", "qq.com", "foxmail.com", "163.com", "126.com", "yeah.net",
    "sina.com", "sina.cn", "sohu.com", "139.com", "189.cn", "aliyun.com", "naver.com", "hanmail.net", "daum.net",
    "nate.com", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp", "libero.it", "virgilio.it", "alice.it", "tin.it",
    "tiscali.it", "tiscali.co.uk", "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "neuf.fr", "laposte.net", "bbox.fr",
    "club-internet.fr", "numericable.fr", "skynet.be", "telenet.be", "proximus.be", "ziggo.nl", "kpnmail.nl",
    "planet.nl", "xs4all.nl", "hetnet.nl", "home.nl", "uol.com.br", "bol.com.br", "terra.com.br", "ig.com.br",
    "globo.com", "terra.es", "telefonica.net", "sapo.pt", "wp.pl", "o2.pl", "onet.pl", "interia.pl", "op.pl",
    "seznam.cz", "centrum.cz", "email.cz", "azet.sk", "freemail.hu", "citromail.hu", "abv.bg", "telia.com",
    "bredband.net", "online.no", "zoho.com", "zohomail.com", "fastmail.com", "fastmail.fm", "hey.com", "tutanota.com",
    "tutanota.de", "tuta.io", "tuta.com", "hushmail.com", "runbox.com", "lycos.com", "comcast.net", "verizon.net",
    "att.net", "sbcglobal.net", "bellsouth.net", "cox.net", "charter.net", "earthlink.net", "juno.com",
    "optonline.net", "frontier.com", "windstream.net", "centurylink.net", "roadrunner.com", "rogers.com", "shaw.ca",
    "sympatico.ca", "telus.net", "videotron.ca", "bigpond.com", "bigpond.net.au", "optusnet.com.au", "iinet.net.au",
    "xtra.co.nz", "btinternet.com", "btopenworld.com", "virginmedia.com", "ntlworld.com", "blueyonder.co.uk",
    "sky.com", "talktalk.net", "o2.co.uk", "bluewin.ch", "hispeed.ch", "sunrise.ch", "chello.at", "aon.at",
    "rediffmail.com", "indiatimes.com", "walla.co.il", "mweb.co.za",
)  # fmt: skip

#: Addresses that last for minutes: whoever uses one does not want to be known by it.
DISPOSABLE = frozenset(
    (
        "mailinator.com", "guerrillamail.com", "guerrillamail.info", "sharklasers.com", "10minutemail.com",
        "tempmail.com", "temp-mail.org", "temp-mail.io", "throwawaymail.com", "yopmail.com", "yopmail.fr",
        "trashmail.com", "trashmail.de", "wegwerfmail.de", "wegwerfemail.de", "byom.de", "spambog.com", "maildrop.cc",
        "getnada.com", "dispostable.com", "mintemail.com", "mailnesia.com", "mytemp.email", "fakeinbox.com",
        "moakt.com", "emailondeck.com", "mohmal.com", "discard.email", "spam4.me", "grr.la", "mailcatch.com",
        "tempr.email", "burnermail.io", "inboxkitten.com", "33mail.com", "tmpmail.org", "1secmail.com",
    )
)  # fmt: skip

#: Domains under which one provider delivers to the same mailbox.
SAME_PROVIDER = {
    "googlemail.com": "gmail.com",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "ya.ru": "yandex.ru",
    "yandex.com": "yandex.ru",
    "yandex.by": "yandex.ru",
    "yandex.kz": "yandex.ru",
    "yandex.ua": "yandex.ru",
    "tutanota.com": "tuta.com",
    "tuta.io": "tuta.com",
    "zohomail.com": "zoho.com",
}

#: Providers that deliver jane+anything to jane. A company's own server may do so too, but nobody can know.
PLUS_TAGS = frozenset(
    (
        "gmail.com", "icloud.com", "proton.me", "yandex.ru", "fastmail.com", "fastmail.fm", "zoho.com", "hey.com",
        "posteo.de", "mailbox.org", "runbox.com", "outlook.com", "outlook.de", "outlook.fr", "outlook.es",
        "outlook.it", "outlook.com.br", "hotmail.com", "hotmail.co.uk", "hotmail.fr", "hotmail.de", "hotmail.it",
        "hotmail.es", "hotmail.com.br", "hotmail.nl", "live.com", "live.co.uk", "live.fr", "live.nl", "live.de",
        "live.it", "msn.com",
    )
)  # fmt: skip

#: Providers that take jane.doe and janedoe for one.
DOTS_IGNORED = frozenset(("gmail.com",))

#: What stands before the @ of a desk's address, and of addresses that were typed in to fill a field; letters only.
ROLES = frozenset(
    (
        "abuse", "account", "accounting", "accounts", "accountspayable", "admin", "administration", "admission", "ads",
        "alert", "alerts", "all", "analytics", "ap", "ar", "auto", "autoreply", "billing", "board", "bookings",
        "bookkeeping", "bounce", "bounces", "buero", "callcenter", "career", "careers", "compliance", "contact",
        "contactus", "contacto", "contatti", "customercare", "customerservice", "customersupport", "daemon",
        "datenschutz", "dev", "devnull", "devops", "dpo", "donotreply", "einkauf", "email", "enquiries", "enquiry",
        "events", "everyone", "example", "fax", "faktura", "feedback", "finance", "frontdesk", "general", "group",
        "hello", "help", "helpdesk", "hi", "hostmaster", "hr", "info", "information", "inbox", "inquiries", "inquiry",
        "invalid", "invoice", "invoices", "invoicing", "it", "itsupport", "jobs", "kontakt", "kundenservice", "legal",
        "mail", "mailbox", "mailerdaemon", "mailing", "management", "marketing", "media", "na", "newsletter", "news",
        "noc", "noemail", "nomail", "none", "noname", "noreply", "notifications", "nobody", "null", "office", "online",
        "operations", "ops", "order", "orders", "partner", "partners", "payables", "payment", "payments", "payroll",
        "personal", "phishing", "post", "postmaster", "pr", "presse", "press", "privacy", "procurement", "purchasing",
        "rechnung", "reception", "recruiting", "recruitment", "redaktion", "registrar", "replies", "reply",
        "reservations", "returns", "root", "sales", "sekretariat", "security", "secretary", "service", "services",
        "shop", "social", "socialmedia", "spam", "staff", "subscribe", "supplier", "suppliers", "support", "sysadmin",
        "team", "tech", "technical", "techsupport", "test", "tester", "testing", "training", "uucp", "undisclosed",
        "unknown", "unsubscribe", "user", "vendor", "vendors", "verkauf", "vertrieb", "ventas", "bewerbung",
        "bewerbungen", "buchhaltung", "rechnungen", "empfang", "bestellung", "compras", "facturacion",
        "administracion", "atencion", "commercial", "comptabilite", "achats", "accueil", "amministrazione", "vendite",
        "ufficio", "segreteria", "commerciale", "vendas", "financeiro", "verkoop", "inkoop", "administratie", "biuro",
        "sprzedaz", "booking", "store", "event", "infos", "contacts", "administrator", "customerservices",
        "verwaltung", "web", "webadmin", "webmaster", "webshop", "welcome", "zentrale",
    )
)  # fmt: skip

#: Behind a desk's name: the region that it serves.
REGIONAL = r"[._-](uk|us|usa|de|at|ch|fr|es|it|nl|be|pl|eu|emea|apac|na|latam|dach|int|global|world|europe)$"

#: Domains at which there is nobody: reserved (RFC 2606), and what people type into a field they must fill.
NOWHERE = frozenset(("example.com", "example.org", "example.net", "test.com", "none.com", "noemail.com", "nomail.com"))

_BRACKETED = re.compile(r"<([^<>]*)>")
_LOCAL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Mail:
    """One mailbox: its address in normal form, its parts, and what kind of mailbox it is.

    ``local`` is the part before the @ without tag; of companies' servers, where nobody knows whether a tag is one,
    ``address`` keeps it.
    """

    address: str
    local: str
    domain: str
    is_role: bool
    is_free: bool
    is_disposable: bool


def mail(raw: str | None) -> Mail | None:
    """An e-mail address in normal form, None where the text is no address.

    Parameters
    ----------
    raw : str or None
        As somebody typed it: with ``mailto:``, a name before it, any case.

    Returns
    -------
    Mail or None

    References
    ----------
    Google, "Dots don't matter in Gmail addresses"; RFC 5233 (subaddressing); RFC 2142 (mailbox names for roles).

    Examples
    --------
    >>> mail("Jane Doe <J.Doe+News@GoogleMail.com>").address
    'jdoe@gmail.com'
    >>> mail("mailto:sales@Acme.co.uk?subject=hi").is_role
    True
    >>> mail("n/a") is None
    True
    """
    bare = _bare(raw or "")
    local, _, host = bare.rpartition("@")
    local, named = local.strip("."), ascii_domain(host)
    if named is None or not _LOCAL.fullmatch(local):
        return None
    domain = SAME_PROVIDER.get(named, named)
    untagged = local.partition("+")[0] or local
    if domain in DOTS_IGNORED:
        untagged = untagged.replace(".", "") or untagged
    address = f"{untagged if domain in PLUS_TAGS else local}@{domain}"
    is_role = is_role_name(untagged) or domain in NOWHERE
    return Mail(address, untagged, domain, is_role, domain in _FREE, domain in DISPOSABLE)


_FREE = frozenset(FREE_MAIL)


def _bare(raw: str) -> str:
    text = unicodedata.normalize("NFKC", raw).strip().lower()
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc"))
    bracketed = _BRACKETED.search(text)
    if bracketed and "@" in bracketed[1]:
        text = bracketed[1]
    text = text.strip().removeprefix("email:").removeprefix("mailto:").split("?")[0]
    return text.strip(" \t'\"<>()[],;:.")


def ascii_domain(domain: str) -> str | None:
    """A domain in lower case and in the letters that the net itself uses, None where it cannot be one.

    Examples
    --------
    >>> ascii_domain("MÜNCHEN.de."), ascii_domain("localhost")
    ('xn--mnchen-3ya.de', None)
    """
    bare = domain.strip().strip(".").lower()
    if not bare.isascii():
        import idna

        try:
            bare = idna.encode(bare, uts46=True).decode()
        except idna.IDNAError:
            return None
    return bare if _DOMAIN.fullmatch(bare) and len(bare) <= 253 else None


def is_role_name(local: str) -> bool:
    """Does the part before the @ name a desk instead of a person?

    Examples
    --------
    >>> is_role_name("no-reply"), is_role_name("support2"), is_role_name("salesman")
    (True, True, False)
    """
    return re.sub(r"[^a-z]", "", re.sub(REGIONAL, "", local)) in ROLES
