"""Channel groups: Google's rules for source and medium, and the words CRMs use."""

from __future__ import annotations

import duckdb
import pytest

from goodwill.sources.channels import channel_group, named_channel


@pytest.mark.parametrize(
    ("source", "medium", "group"),
    [
        ("linkedin", "social", "organic_social"),
        ("https://www.linkedin.com/feed", "referral", "organic_social"),
        ("l.facebook.com", "referral", "organic_social"),
        ("facebook", "cpc", "paid_social"),
        ("google", "cpc", "paid_search"),
        ("google", "organic", "organic_search"),
        ("news", "e-mail", "email"),
        ("acme.com", "referral", "referral"),
        ("site.example", "banner", "display"),
        ("(direct)", "(none)", "direct"),
        ("flyer", "print", "other"),
    ],
)
def test_channel_groups(source: str, medium: str, group: str) -> None:
    said = channel_group(f"'{source}'", f"'{medium}'")
    assert duckdb.sql(f"SELECT {said}").fetchall() == [(group,)]


@pytest.mark.parametrize(
    ("word", "group"),
    [
        ("SOCIAL_MEDIA", "organic_social"), ("LinkedIn", "organic_social"), ("Paid Social", "paid_social"),
        ("LinkedIn Ads", "paid_social"), ("ORGANIC_SEARCH", "organic_search"), ("PAID_SEARCH", "paid_search"),
        ("Email Marketing", "email"), ("Trade Show", "event"), ("REFERRALS", "referral"), ("Web", "site"),
        ("DIRECT_TRAFFIC", "direct"), ("Partner Referral", "partner"), ("Cold Call", "sales"), ("OFFLINE", "other"),
        ("  ", None),
    ],
)  # fmt: skip
def test_named_channels(word: str, group: str | None) -> None:
    assert duckdb.sql(f"SELECT {named_channel(repr(word))}").fetchall() == [(group,)]
