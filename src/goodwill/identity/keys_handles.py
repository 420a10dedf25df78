"""Profiles on social networks: what people paste, as the one node that names the profile.

All names are in lower case: X, Instagram, Mastodon, GitHub and Reddit ignore case, LinkedIn redirects to lower case,
and of the few numbers whose case counts (YouTube's channels, LinkedIn's members) no two differ in case alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

#: What venues are called besides.
VENUES = {
    "twitter": "x", "fb": "facebook", "ig": "instagram", "insta": "instagram", "bsky": "bluesky", "yt": "youtube",
    "li": "linkedin", "gh": "github", "fediverse": "mastodon", "tik tok": "tiktok", "site": "site",
}  # fmt: skip

#: First parts of paths that are no profile, by venue.
_PLACES = {
    "x": {"home", "i", "intent", "share", "search", "hashtag", "explore", "settings", "messages", "notifications",
          "login", "signup", "tos", "privacy", "jobs", "compose"},
    "facebook": {"sharer", "sharer.php", "share", "share.php", "groups", "events", "watch", "hashtag", "login", "help",
                 "marketplace", "gaming", "dialog", "plugins", "story.php", "photo.php", "permalink.php", "home.php",
                 "business", "ads", "policies", "reel", "reels", "stories", "photo", "media", "notes", "l.php", "tr"},
    "instagram": {"p", "reel", "reels", "tv", "explore", "accounts", "direct", "about", "developer", "share"},
    "linkedin": {"feed", "posts", "pulse", "jobs", "groups", "learning", "search", "messaging", "sharing", "login",
                 "help", "shareArticle", "sharearticle", "events", "newsletters", "mynetwork", "home", "legal"},
    "youtube": {"watch", "shorts", "playlist", "results", "feed", "embed", "live", "hashtag", "redirect", "about", "t"},
    "github": {"features", "about", "topics", "explore", "settings", "marketplace", "login", "pricing", "search",
               "notifications", "enterprise", "security", "join", "site", "contact", "apps", "issues", "pulls"},
    "tiktok": {"tag", "music", "discover", "video", "foryou", "login", "about"},
    "threads": {"search", "login"},
    "xing": {"communities", "jobs", "news", "app", "search", "events"},
}  # fmt: skip

#: Which venue a host belongs to; ``www.``, ``m.``, ``mobile.`` and languages are taken off before.
_HOSTS = {
    "linkedin.com": "linkedin", "lnkd.in": "", "x.com": "x", "twitter.com": "x", "nitter.net": "x",
    "facebook.com": "facebook", "fb.com": "facebook", "fb.me": "facebook", "instagram.com": "instagram",
    "instagr.am": "instagram", "youtube.com": "youtube", "youtu.be": "", "github.com": "github",
    "bsky.app": "bluesky", "tiktok.com": "tiktok", "threads.net": "threads", "threads.com": "threads",
    "xing.com": "xing", "reddit.com": "reddit", "medium.com": "", "substack.com": "", "t.me": "telegram",
    "pinterest.com": "pinterest", "vimeo.com": "vimeo", "flipboard.com": "", "t.co": "", "g.co": "",
}  # fmt: skip

#: How names on a venue are written; a name of another form is none.
_NAMES = {
    "x": r"[a-z0-9_]{1,15}|id/[0-9]+",
    "instagram": r"[a-z0-9_.]{1,30}",
    "facebook": r"[a-z0-9-]{2,75}",
    "mastodon": r"[a-z0-9_.-]+@[a-z0-9.-]+\.[a-z0-9-]{2,}",
    "github": r"[a-z0-9](?:[a-z0-9-]{0,38})",
    "bluesky": r"[a-z0-9-]+(?:\.[a-z0-9-]+)+|did:[a-z]+:[a-z0-9.]+",
    "youtube": r"[\w.·-]{1,100}",
    "linkedin": r"[\w%.&'-]{1,100}",
    "tiktok": r"[a-z0-9_.]{2,24}",
    "threads": r"[a-z0-9_.]{1,30}",
    "reddit": r"[a-z0-9_-]{2,20}",
    "telegram": r"[a-z0-9_]{4,32}",
    "xing": r"[\w.-]{2,100}",
}
_ANY_NAME = r"[\w.@+:/-]{1,100}"
_FRONT = re.compile(r"^(?:www|m|mobile|touch|web|[a-z]{2}|[a-z]{2}-[a-z]{2})\.(?=[^.]+\.[^.]+)")
_ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>\"'()\[\]{}|,;]+|\b(?:[a-z0-9-]+\.)+[a-z]{2,}/[^\s<>\"'()\[\]{}|,;]+", re.I
)
_FEDIVERSE = re.compile(r"(?<![\w@/.])@([a-z0-9_.-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})\b", re.IGNORECASE)


def profile(address: str | None) -> str | None:
    """The node of the profile that an internet address leads to, None where it leads to none.

    Examples
    --------
    >>> profile("https://www.linkedin.com/in/Jane-Doe/?trk=x"), profile("mobile.twitter.com/JDoe/status/1")
    ('linkedin:jane-doe', 'x:jdoe')
    >>> profile("https://facebook.com/profile.php?id=1000123"), profile("https://social.example/@jane")
    ('facebook:1000123', 'mastodon:jane@social.example')
    >>> profile("https://acme.com/about") is None
    True
    """
    text = (address or "").strip()
    if "://" not in text:
        text = "https://" + text.lstrip("/")
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    site = (parts.hostname or "").rstrip(".")
    path = [unquote(p) for p in parts.path.split("/") if p]
    venue = _venue_of(site)
    if venue is None:
        return _on_a_server(site, path)
    found = _CUTS.get(venue, _first)(path, parts.query) if venue else None
    if found is None or found.lower() in _PLACES.get(venue, ()):
        return None
    name = handle(venue, found)
    return f"{venue}:{name}" if name else None


def _venue_of(site: str) -> str | None:
    bare = site
    while _FRONT.match(bare):
        bare = _FRONT.sub("", bare, count=1)
    return _HOSTS.get(site, _HOSTS.get(bare))


def _on_a_server(site: str, path: list[str]) -> str | None:
    """Any other server with /@name or /users/name speaks ActivityPub."""
    if path and path[0].startswith("@") and "." in site:
        name = path[0][1:]
        return _mastodon(name if "@" in name else f"{name}@{site}")
    if len(path) > 1 and path[0] == "users" and "." in site:
        return _mastodon(f"{path[1]}@{site}")
    return None


def _mastodon(name: str) -> str | None:
    found = handle("mastodon", name)
    return f"mastodon:{found}" if found else None


def _first(path: list[str], _: str) -> str | None:
    return path[0] if path else None


def _linkedin(path: list[str], query: str) -> str | None:
    if len(path) > 1 and path[0] in ("in", "pub", "company", "school", "showcase"):
        return path[1]
    if len(path) > 2 and path[0] == "sales":
        return path[2].split(",")[0]
    return parse_qs(query).get("id", [None])[0] if path[:2] == ["profile", "view"] else None


def _facebook(path: list[str], query: str) -> str | None:
    if path[:1] == ["profile.php"]:
        return parse_qs(query).get("id", [None])[0]
    if path[:1] in (["people"], ["pages"], ["pg"]):
        return path[-1] if path[1:] else None
    return path[0] if path else None


def _instagram(path: list[str], _: str) -> str | None:
    return path[1] if path[:1] == ["stories"] and len(path) > 1 else path[0] if path else None


def _youtube(path: list[str], _: str) -> str | None:
    if len(path) > 1 and path[0] in ("channel", "c", "user"):
        return path[1]
    return path[0] if path else None


def _x(path: list[str], _: str) -> str | None:
    return f"id/{path[2]}" if path[:2] == ["i", "user"] and len(path) > 2 else path[0] if path else None


def _github(path: list[str], _: str) -> str | None:
    return path[1] if path[:1] in (["orgs"], ["sponsors"]) and len(path) > 1 else path[0] if path else None


def _second(*first: str) -> Callable[[list[str], str], str | None]:
    return lambda path, _: path[1] if len(path) > 1 and path[0] in first else None


_CUTS: dict[str, Callable[[list[str], str], str | None]] = {
    "linkedin": _linkedin,
    "facebook": _facebook,
    "instagram": _instagram,
    "youtube": _youtube,
    "x": _x,
    "github": _github,
    "bluesky": _second("profile"),
    "xing": _second("profile", "profiles", "pages", "companies"),
    "reddit": _second("user", "u"),
}


def handle(venue: str, raw: str | None) -> str | None:
    """A profile's name on its venue: without @, in lower case, cut out of an address; None for prose.

    Examples
    --------
    >>> handle("x", "@JDoe"), handle("twitter", "https://x.com/JDoe"), handle("facebook", "Jane.Doe")
    ('jdoe', 'jdoe', 'janedoe')
    >>> handle("mastodon", "@Jane@Social.Example"), handle("linkedin", "ask me") is None
    ('jane@social.example', True)
    """
    venue = VENUES.get(venue.lower(), venue.lower())
    text = unicodedata.normalize("NFKC", raw or "").strip()
    if "://" in text or re.match(r"(?:www\.|[\w-]+\.)+[a-z]{2,}/\S", text, re.IGNORECASE):
        node = profile(text)
        return node.partition(":")[2] if node and node.startswith(f"{venue}:") else None
    name = unquote(text).lstrip("@").rstrip("/").lower()
    if venue == "linkedin":
        name = re.sub(r"^(?:urn:li:(?:person|member|fs_miniprofile|organization|company|memberprofile):)", "", name)
        name = re.sub(r"^(?:in|pub|company|school|showcase)/", "", name)
    if venue == "facebook":
        name = name.replace(".", "")  # Facebook reads jane.doe and janedoe as one
    return name if re.fullmatch(_NAMES.get(venue, _ANY_NAME), name) else None


def profile_node(node: str) -> str | None:
    """The same node as every spelling of the profile would give it; None where it is no profile.

    Records of systems (``hubspot/contact:17``), addresses and companies are no profiles.

    Examples
    --------
    >>> profile_node("twitter:@JDoe"), profile_node("linkedin:https://linkedin.com/in/Jane-Doe/")
    ('x:jdoe', 'linkedin:jane-doe')
    >>> profile_node("hubspot/contact:17") is None
    True
    """
    venue, colon, said = node.partition(":")
    if not colon or "/" in venue or venue in NOT_VENUES:
        return None
    if "://" in said and (led_to := profile(said)):
        return led_to
    venue = VENUES.get(venue.lower(), venue.lower())
    name = handle(venue, said)
    return f"{venue}:{name}" if name else None


#: Kinds of node whose value is no profile.
NOT_VENUES = frozenset(("email", "phone", "domain", "company", "cookie", "ga", "person", "http", "https"))


def profiles_in(text: str | None) -> tuple[str, ...]:
    """The profiles that a text links to ("link in bio"), in order, each once.

    Examples
    --------
    >>> profiles_in("CMO. More: https://www.linkedin.com/in/jane-doe, x.com/jdoe and @jane@social.example!")
    ('linkedin:jane-doe', 'x:jdoe', 'mastodon:jane@social.example')
    """
    said = text or ""
    places = [(m.start(), profile(m.group().rstrip(".,!?:;"))) for m in _ADDRESS.finditer(said)]
    places += [(m.start(), _mastodon(m[1])) for m in _FEDIVERSE.finditer(said)]
    return tuple(dict.fromkeys(node for _, node in sorted(places, key=lambda p: p[0]) if node))
