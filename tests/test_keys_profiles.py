"""Profiles on social networks: addresses, handles and links in texts become the node that names the profile."""

from __future__ import annotations

import pytest

from goodwill.identity import keys


@pytest.mark.parametrize(
    ("raw", "node"),
    [
        ("https://www.linkedin.com/in/Jane-Doe/?trk=x", "linkedin:jane-doe"),
        ("linkedin.com/in/jane-doe", "linkedin:jane-doe"),
        ("https://de.linkedin.com/in/jane-doe-123/en", "linkedin:jane-doe-123"),
        ("https://www.linkedin.com/in/j%C3%BCrgen-m", "linkedin:jürgen-m"),
        ("https://www.linkedin.com/company/acme/about/", "linkedin:acme"),
        ("https://www.linkedin.com/profile/view?id=123456", "linkedin:123456"),
        ("https://www.linkedin.com/sales/people/ACwAA,NAME_SEARCH", "linkedin:acwaa"),
        ("https://www.linkedin.com/feed/update/urn:li:activity:1", None), ("https://twitter.com/JDoe", "x:jdoe"),
        ("https://mobile.twitter.com/jdoe/status/1?s=20", "x:jdoe"), ("x.com/@jdoe", "x:jdoe"),
        ("https://x.com/i/user/99", "x:id/99"),
        ("https://twitter.com/intent/tweet?text=x", None), ("https://x.com/search?q=a", None),
        ("https://www.facebook.com/jane.doe", "facebook:janedoe"),
        ("https://m.facebook.com/profile.php?id=1000", "facebook:1000"),
        ("https://facebook.com/people/Jane-Doe/1000/", "facebook:1000"), ("https://fb.com/acme", "facebook:acme"),
        ("https://www.facebook.com/sharer/sharer.php?u=x", None), ("https://facebook.com/groups/1", None),
        ("https://instagram.com/Jane_Doe/", "instagram:jane_doe"), ("https://www.instagram.com/p/Cxyz/", None),
        ("https://instagram.com/stories/jane/1", "instagram:jane"), ("https://youtube.com/@Jane", "youtube:jane"),
        ("https://www.youtube.com/channel/UCabc_-1/videos", "youtube:ucabc_-1"),
        ("https://youtube.com/c/Acme", "youtube:acme"),
        ("https://www.youtube.com/watch?v=1", None), ("https://youtu.be/1", None),
        ("https://github.com/Jane/repo", "github:jane"),
        ("https://github.com/orgs/acme/people", "github:acme"), ("https://github.com/features", None),
        ("https://mastodon.social/@Jane", "mastodon:jane@mastodon.social"),
        ("https://a.example/users/jane", "mastodon:jane@a.example"),
        ("https://a.example/@jane@b.example", "mastodon:jane@b.example"), ("https://medium.com/@jane", None),
        ("https://bsky.app/profile/jane.bsky.social", "bluesky:jane.bsky.social"),
        ("https://www.xing.com/profile/Jane_Doe", "xing:jane_doe"),
        ("https://www.tiktok.com/@jane.doe", "tiktok:jane.doe"), ("https://reddit.com/user/Jane", "reddit:jane"),
        ("https://acme.com/about", None), ("https://acme.com", None), ("", None), (None, None), ("not a link", None),
        ("http://[::1", None),
    ],
)  # fmt: skip
def test_addresses_of_profiles_become_their_nodes(raw: str | None, node: str | None) -> None:
    assert keys.profile(raw) == node


@pytest.mark.parametrize(
    ("venue", "raw", "name"),
    [
        ("x", "@JDoe", "jdoe"), ("X", "jdoe", "jdoe"), ("x", "averyverylongname", None), ("x", "jane doe", None),
        ("linkedin", "Jane-Doe", "jane-doe"), ("linkedin", "/in/jane", None), ("linkedin", "in/jane", "jane"),
        ("linkedin", "urn:li:person:AbC", "abc"), ("linkedin", "CMO at Acme. Ask me.", None),
        ("linkedin", "https://x.com/jane", None), ("mastodon", "@Jane@A.example", "jane@a.example"),
        ("mastodon", "jane", None),
        ("instagram", "Jane_Doe", "jane_doe"), ("ig", "@jane", "jane"), ("facebook", "jane.doe", "janedoe"),
        ("bsky", "@jane.bsky.social", "jane.bsky.social"), ("github", "jane--", "jane--"), ("forum", "Jane", "jane"),
        ("x", None, None),
    ],
)  # fmt: skip
def test_handles_follow_the_rules_of_their_venue(venue: str, raw: str | None, name: str | None) -> None:
    assert keys.handle(venue, raw) == name


def test_links_in_a_text_are_found_in_order_and_once() -> None:
    text = "Jane, CMO. x.com/jdoe | https://www.linkedin.com/in/jane-doe/. Also https://x.com/JDoe (@jane@a.example)"
    assert keys.profiles_in(text) == ("x:jdoe", "linkedin:jane-doe", "mastodon:jane@a.example")
    assert keys.profiles_in("write to jane@acme.com or see acme.com/x") == ()
