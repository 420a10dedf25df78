"""The dials of worlds of known identity: harder means less and other on record; links by chance or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from goodwill.worlds.identities import Identities, Linking, imagine


def nothing(sheet: str, column: str) -> Callable[[Identities], int]:
    def count(business: Identities) -> int:
        return sum(text is None for s in business.sheets if s.file == sheet for text in s.columns[column])

    return count


def filled(sheet: str, column: str) -> Callable[[Identities], int]:
    def count(business: Identities) -> int:
        return -sum(text is not None for s in business.sheets if s.file == sheet for text in s.columns[column])

    return count


@pytest.fixture(scope="module")
def dial() -> list[Identities]:
    return [imagine(3, difficulty=d, people=400) for d in (0.0, 0.25, 0.5, 0.75, 1.0)]


@pytest.mark.parametrize(
    "count",
    [
        nothing("linkedin_comments.csv", "Company"),
        nothing("linkedin_comments.csv", "Headline"),
        nothing("facebook_comments.csv", "Company"),
        nothing("mastodon_mentions.csv", "Location"),
        nothing("hubspot-crm-exports-all-companies.csv", "Salesforce Account ID"),
        filled("hubspot-crm-exports-all-contacts.csv", "Salesforce Lead ID"),
        filled("salesforce_leads_report.csv", "Email"),
    ],
)  # fmt: skip
def test_the_dial_only_takes_away(dial: list[Identities], count: Callable[[Identities], int]) -> None:
    counts = [count(business) for business in dial]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_names_on_networks_differ_from_those_in_the_crm_more_often_the_harder_it_is(dial: list[Identities]) -> None:
    shares = []
    for business in dial:
        by_file = {sheet.file: sheet for sheet in business.sheets}
        crm, linkedin = by_file["hubspot-crm-exports-all-contacts.csv"], by_file["linkedin_comments.csv"]
        columns = zip(crm.person.tolist(), crm.columns["First Name"], crm.columns["Last Name"], strict=True)
        called = {p: f"{g} {f}" for p, g, f in columns}
        same = [called[p] == n for p, n in zip(linkedin.person.tolist(), linkedin.columns["Name"], strict=True)
                if p in called]  # fmt: skip
        shares.append(float(np.mean(same)))
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.75
    assert shares[-1] < 0.45


def test_the_dial_leaves_people_and_their_being_ours_alone(dial: list[Identities]) -> None:
    easy, hard = dial[0].truth, dial[-1].truth
    touched = set(zip(hard.touch_person.tolist(), hard.touch_at.tolist(), strict=True))
    # only touches under handles that changed hands are fewer
    assert touched <= set(zip(easy.touch_person.tolist(), easy.touch_at.tolist(), strict=True))
    assert len(touched) > 0.97 * len(easy.touch_at)
    assert abs(easy.new_share() - hard.new_share()) < 0.02


def test_there_are_namesakes_shared_inboxes_second_records_and_handles_that_changed_hands() -> None:
    business = imagine(11, difficulty=1.0, people=1_500)
    truth, by_file = business.truth, {sheet.file: sheet for sheet in business.sheets}
    crm = by_file["hubspot-crm-exports-all-contacts.csv"]
    bearers: dict[str, set[int]] = {}
    for person, given, family in zip(crm.person.tolist(), crm.columns["First Name"], crm.columns["Last Name"],
                                     strict=True):  # fmt: skip
        bearers.setdefault(f"{given} {family}", set()).add(person)
    assert sum(len(people) > 1 for people in bearers.values()) > 10
    assert max(Counter(crm.person.tolist()).values()) > 1
    handed = [node for node, times in Counter(truth.owner_node).items() if times == 2]
    assert handed
    assert all(node.startswith("x:") for node in handed)
    inbox = [p for node, p in zip(truth.owner_node, truth.owner_person, strict=True) if node.startswith("email:info@")]
    assert inbox
    assert set(inbox) == {-1}


def linked_share(business: Identities) -> tuple[float, float]:
    """The share of contacts that name a LinkedIn profile: whose profile has a company, and whose has none."""
    by_file = {sheet.file: sheet for sheet in business.sheets}
    crm, linkedin = by_file["hubspot-crm-exports-all-contacts.csv"], by_file["linkedin_comments.csv"]
    shown = dict(zip(linkedin.person.tolist(), linkedin.columns["Company"], strict=True))
    urls = zip(crm.person.tolist(), crm.columns["LinkedIn URL"], strict=True)
    named = [(shown[p] is not None, url is not None) for p, url in urls if p in shown]
    with_one, without = ([n for has, n in named if has is which] for which in (True, False))
    return float(np.mean(with_one)), float(np.mean(without))


def test_who_names_a_profile_is_chance_unless_it_is_chosen() -> None:
    by_chance = linked_share(imagine(5, difficulty=1.0, people=3_000, linking=Linking(share=0.5)))
    assert by_chance == pytest.approx((0.5, 0.5), abs=0.06)
    chosen = linked_share(imagine(5, difficulty=1.0, people=3_000, linking=Linking(share=0.5, chosen=1.0)))
    assert chosen[0] > 0.3
    assert chosen[1] == 0.0
