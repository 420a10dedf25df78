"""Which channel group a touch belongs to: one reading of source and medium, and of the words CRMs use, as SQL."""

from __future__ import annotations

from collections.abc import Iterable

from goodwill.exports import literal

#: Sites that Google's default channel group lists as social, as far as B2B analytics see them, and
#: the names that people type into utm_source for them. Communities that are not tied to one owner's
#: site (Mastodon servers, forums) count as social too.
SOCIAL_NETWORKS = (
    "linkedin", "lnkd.in", "facebook", "fb", "fb.me", "instagram", "ig", "threads", "threads.net", "x", "twitter",
    "t.co", "youtube", "youtu.be", "tiktok", "pinterest", "pin.it", "reddit", "quora", "snapchat", "whatsapp", "wa.me",
    "telegram", "t.me", "messenger", "xing", "mastodon", "mastodon.social", "bluesky", "bsky", "bsky.app", "discord",
    "tumblr", "weibo", "wechat", "vk", "meetup", "hootsuite", "buffer", "stackoverflow", "stackexchange",
    "news.ycombinator",
)  # fmt: skip

#: Search engines that appear as a source without the medium "organic".
SEARCH_ENGINES = (
    "google", "bing", "yahoo", "duckduckgo", "ecosia", "baidu", "yandex", "qwant", "startpage", "naver", "seznam",
)  # fmt: skip

#: Google's own patterns (support.google.com/analytics/answer/9756891).
PAID_MEDIUM = "^(.*cp.*|ppc|retargeting|paid.*)$"
SOCIAL_MEDIUM = "^(social|social-network|social-media|sm|social network|social media)$"
EMAIL_WORD = "^e[-_ ]?mail$"
REFERRAL_MEDIUM = "^(referral|app|link)$"
DISPLAY_MEDIUM = "^(display|banner|expandable|interstitial|cpm)$"

#: What lead-source fields say, in the order in which the patterns are tried: the first that matches
#: decides, so paid goes before its unpaid namesake. The words are those of HubSpot's "Original
#: source" (SOCIAL_MEDIA, PAID_SOCIAL, ORGANIC_SEARCH, DIRECT_TRAFFIC, OFFLINE ...), of Salesforce's standard
#: LeadSource values (Web, Phone Inquiry, Partner Referral, Purchased List) and of everyday use.
_NETWORK_WORDS = "linked ?in|facebook|instagram|twitter|tiktok|youtube|xing|mastodon|bluesky|reddit|pinterest|threads"
_NAMED = (
    (rf"(paid|sponsored|advert|ads?\b|ppc|cpc).*(social|{_NETWORK_WORDS})", "paid_social"),
    (rf"(social|{_NETWORK_WORDS}).*(paid|sponsored|advert|\bads?\b|ppc|cpc)", "paid_social"),
    (rf"social|{_NETWORK_WORDS}|^(x|fb|ig|x\.com)$", "organic_social"),
    (r"paid ?search|adwords|google ?ads|bing ?ads|microsoft ?ads|^(sem|ppc|cpc)$|search ads?", "paid_search"),
    (r"organic|\bseo\b|search|^(google|bing|yahoo|duckduckgo|ecosia|baidu)$", "organic_search"),
    (r"e ?mail|newsletter|mailing", "email"),
    (r"event|trade ?show|webinar|conference|seminar|exhibition|\bfair\b|summit|meet ?up|workshop|messe", "event"),
    (r"partner|reseller|distributor|affiliate|channel", "partner"),
    (r"press|media coverage|\bpr\b|public relations|journalist|magazine|newspaper|analyst|\bnews\b", "press"),
    (r"referral|referred|word of mouth|recommendation|other site", "referral"),
    (r"display|banner|advert|programmatic|retarget|paid media|^ads?$", "display"),
    (r"support|service|help ?desk|ticket", "service"),
    (r"phone|cold call|outbound|sales|\bsdr\b|\bbdr\b|prospecting|call(ed|s)?$|purchased list|zoominfo", "sales"),
    (r"direct", "direct"),
    (
        r"^(web|website|web ?site|site|inbound|web form|form|landing page.*|contact us|chat|live ?chat|olark chat)$",
        "site",
    ),
)


def channel_group(source: str, medium: str) -> str:
    """SQL that names the channel group of a traffic source and its medium.

    Follows Google Analytics' default channel group, in its order. Where neither says anything the answer is
    ``direct``, as Google has it for ``(direct)`` and ``(none)``.

    Parameters
    ----------
    source, medium : str
        SQL of the two texts; case and NULL do not matter.

    Returns
    -------
    str
        SQL of one of ``terms.CHANNELS``.

    References
    ----------
    Google, "Default channel group", support.google.com/analytics/answer/9756891.

    Examples
    --------
    >>> import duckdb
    >>> said = channel_group("'linkedin.com'", "'referral'")
    >>> duckdb.sql(f"SELECT {said}").fetchall()[0][0]
    'organic_social'
    """
    origin, means = _plain(source), _plain(medium)
    bare = f"regexp_replace({origin}, '^(https?://)?((www|m|l|lm|mobile|old|web|out)\\.)*|/.*$', '', 'g')"
    site = f"regexp_replace({bare}, '\\.com$', '')"
    nowhere = "('', '(direct)', 'direct', '(none)', 'none', '(not set)', 'null')"
    is_social = f"({site} IN ({_texts(SOCIAL_NETWORKS)}) OR regexp_matches({means}, {literal(SOCIAL_MEDIUM)}))"
    is_search = f"split_part({site}, '.', 1) IN ({_texts(SEARCH_ENGINES)})"
    is_paid = f"regexp_matches({means}, {literal(PAID_MEDIUM)})"
    return (
        f"CASE WHEN {origin} IN {nowhere} AND {means} IN {nowhere} THEN 'direct'"
        f" WHEN {means} IN ('paid_social', 'paid-social', 'paidsocial') THEN 'paid_social'"
        f" WHEN {is_paid} AND {is_social} THEN 'paid_social'"
        f" WHEN {is_paid} AND {is_search} THEN 'paid_search'"
        f" WHEN {is_paid} OR regexp_matches({means}, {literal(DISPLAY_MEDIUM)}) THEN 'display'"
        f" WHEN {is_social} THEN 'organic_social'"
        f" WHEN regexp_matches({origin}, {literal(EMAIL_WORD)}) OR regexp_matches({means}, {literal(EMAIL_WORD)})"
        f" OR {means} = 'newsletter' THEN 'email'"
        f" WHEN {means} = 'organic' OR ({is_search} AND {means} IN {nowhere}) THEN 'organic_search'"
        f" WHEN {means} IN ('affiliate', 'affiliates', 'partner') THEN 'partner'"
        f" WHEN {means} IN ('event', 'events', 'webinar', 'qr') THEN 'event'"
        f" WHEN {means} IN ('press', 'pr') THEN 'press'"
        f" WHEN regexp_matches({means}, {literal(REFERRAL_MEDIUM)}) THEN 'referral'"
        f" WHEN {origin} IN {nowhere} THEN 'direct' ELSE 'other' END"
    )


def named_channel(word: str) -> str:
    """SQL that names the channel group of a free lead-source word; NULL where the word is absent.

    Parameters
    ----------
    word : str
        SQL of the text, such as HubSpot's "Original source" or Salesforce's ``LeadSource``.

    Returns
    -------
    str
        SQL of one of ``terms.CHANNELS``; a word that says nothing known gives ``other``.

    Examples
    --------
    >>> import duckdb
    >>> [duckdb.sql(f"SELECT {named_channel(w)}").fetchall()[0][0] for w in ("'PAID_SOCIAL'", "'Trade Show'", "NULL")]
    ['paid_social', 'event', None]
    """
    said = f"trim(regexp_replace(lower({word}), '[_/\\s-]+', ' ', 'g'))"
    branches = " ".join(f"WHEN regexp_matches({said}, {literal(pattern)}) THEN '{group}'" for pattern, group in _NAMED)
    return f"CASE WHEN {said} IS NULL OR {said} = '' THEN NULL {branches} ELSE 'other' END"


def hubspot_channel(word: str) -> str:
    """SQL for HubSpot's "Original source": its fixed words are among those that ``named_channel`` knows.

    ``OFFLINE`` says only that no visit was tracked (an import, an integration, a call), hence ``other``.

    Examples
    --------
    >>> import duckdb
    >>> duckdb.sql(f"SELECT {hubspot_channel(repr('DIRECT_TRAFFIC'))}").fetchall()[0][0]
    'direct'
    """
    return named_channel(word)


def _plain(text: str) -> str:
    return f"lower(trim(coalesce({text}, '')))"


def _texts(words: Iterable[str]) -> str:
    return ", ".join(literal(word) for word in words)
