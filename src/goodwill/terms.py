"""The words that canonical columns may hold: kinds of node, verbs, channels and metrics, in the field's terms."""

from __future__ import annotations

#: How an actor is named before anybody knows who it is: ``email:jane@acme.com``, ``x:@acme``.
NODE_KINDS = {
    "email": "an e-mail address, lower case",
    "phone": "a telephone number in E.164 form",
    "domain": "a company's internet domain, lower case",
    "<venue>": "a handle or profile on that venue, such as linkedin:, x:, facebook:, mastodon:",
    "<source>/<object>": "a record of one system, such as hubspot/contact:17 or salesforce/account:001A",
    "company": "a company's name where nothing better is known",
}

#: ActivityStreams verbs, with one extension name-space for what business adds.
VERBS = {
    "Create": "wrote a post, comment, reply or message",
    "Like": "liked or reacted",
    "Announce": "shared or reposted",
    "Follow": "started to follow",
    "Mention": "named us",
    "View": "looked at a page, post or video",
    "Read": "opened a newsletter or e-mail",
    "Listen": "listened to audio",
    "Join": "joined a group or registered for an event",
    "Leave": "left a group or unsubscribed",
    "Invite": "invited or referred somebody",
    "Flag": "complained or reported",
    "Send": "was sent a message (e-mail delivered); the receiver did nothing yet",
    "gw:Click": "followed a link",
    "gw:FormSubmit": "sent a form",
    "gw:MeetingBooked": "booked or held a meeting",
    "gw:TicketOpened": "asked the service desk",
    "gw:Call": "spoke on the telephone",
    "gw:Purchase": "bought",
}

#: Channel groups. "organic_social" and "paid_social" are what this product calls social.
CHANNELS = {
    "organic_social": "unpaid posts and conversation on a social network",
    "paid_social": "advertising on a social network",
    "email": "newsletters and campaign e-mail",
    "organic_search": "unpaid search results",
    "paid_search": "search advertising",
    "display": "banner advertising",
    "referral": "a link on another site",
    "direct": "typed, bookmarked or untagged",
    "site": "on the company's own site, channel of arrival unknown",
    "event": "trade fairs, webinars, meetings",
    "sales": "calls, meetings and e-mail of the sales team",
    "service": "the service desk",
    "press": "journalists and media",
    "partner": "partners and resellers",
    "other": "known and none of these",
}
#: The channel groups that count as social.
SOCIAL = ("organic_social", "paid_social")

#: Metrics that ``exposures`` may hold, in the field's terms (Conclave, MRC); native names stand beside them.
METRICS = {
    "impressions": "times displayed, repeats included",
    "reach": "unique people who could see it; not additive over days or venues",
    "views": "page or video views",
    "unique_visitors": "unique people who viewed a page; not additive over days",
    "clicks": "all clicks on the item",
    "link_clicks": "clicks on links that lead off the venue",
    "reactions": "likes and other reactions",
    "comments": "comments and replies",
    "shares": "shares and reposts",
    "engagements": "actions beyond exposure, as the venue counts them",
    "engagement_rate": "engagements as a fraction of what the venue divides by",
    "click_through_rate": "clicks as a fraction of impressions",
    "followers": "followers at the end of the period",
    "new_followers": "followers gained in the period",
    "lost_followers": "followers lost in the period",
    "saves": "saves and bookmarks",
    "posts": "own items published in the period",
    "watch_hours": "hours of video watched",
    "negative_feedback": "hides, reports and unlikes",
    "engaged_users": "unique people who acted",
    "other": "a native metric without a canonical equal",
}

#: The active ISO 4217 codes of money that is paid with; funds, metals and codes for tests are none.
CURRENCIES = frozenset((
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF", "BMD",
    "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CLP", "CNY", "COP", "CRC", "CUP",
    "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP",
    "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IQD", "IRR", "ISK", "JMD", "JOD",
    "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD",
    "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN",
    "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB",
    "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL",
    "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VED", "VES",
    "VND", "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
))  # fmt: skip


def spelt_out(meaning: str) -> str:
    """What a column means, with the words that it may hold in place of their list's name.

    Examples
    --------
    >>> spelt_out("one of terms.CHANNELS")[:35]
    'one of organic_social, paid_social,'
    """
    for name, words in (("VERBS", VERBS), ("CHANNELS", CHANNELS), ("METRICS", METRICS)):
        meaning = meaning.replace(f"terms.{name}", ", ".join(words))
    return meaning
