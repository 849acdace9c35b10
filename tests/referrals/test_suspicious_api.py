"""Referrers that are worth a look: who is listed, who just is not, and page by page."""

from collections.abc import Sequence
from typing import Any

import pytest

from card_service.referrals import suspicious
from tests.cards.steps import bring_back, earn, issue, open_pharmacy
from tests.servers.clients import Tenant
from tests.servers.service import Service

PATH = "/referrals/suspicious"


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service)


def listed(tenant: Tenant) -> list[dict[str, Any]]:
    answer = tenant.admin.get(PATH)
    assert (answer.status, answer.json["nextCursor"]) == (200, None), answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def bring(tenant: Tenant, referrer: int, phones: Sequence[str | None]) -> list[int]:
    return [issue(tenant, referrerCardId=referrer, customerPhone=phone)["id"] for phone in phones]


def test_five_friends_of_one_prefix(service: Service, tenant: Tenant) -> None:
    referrer = issue(tenant, customerName="Asha")
    bring(tenant, referrer["id"], [f"98000111{number:02}" for number in range(1, 5)])
    # Another prefix, another length, and none at all are not of the four.
    bring(tenant, referrer["id"], ["9800022201", "98000111011", None])
    assert listed(tenant) == []
    bring(tenant, referrer["id"], ["9800012999"])
    assert listed(tenant) == []
    bring(tenant, referrer["id"], ["9800011150"])
    assert listed(tenant) == [
        {
            "cardId": referrer["id"], "cardNumber": referrer["cardNumber"], "customerName": "Asha", "status": "ACTIVE",
            "reasons": ["MANY_FROM_ONE_PREFIX"], "friends": 9, "friendsOfOnePrefix": 5, "friendsWithBills": 0,
            "friendsWithBillsLeft": 0,
        }
    ]  # fmt: skip
    assert listed(open_pharmacy(service)) == []


def test_three_friends_who_brought_everything_back(tenant: Tenant) -> None:
    referrer = issue(tenant)["id"]
    friends = bring(tenant, referrer, [None] * 4)
    for bill, friend in enumerate(friends[:3], start=1):
        earn(tenant, friend, bill)
    for bill in (1, 2):
        bring_back(tenant, bill)
    assert listed(tenant) == []
    bring_back(tenant, 3)
    (found,) = listed(tenant)
    assert (found["cardId"], found["reasons"]) == (referrer, ["ALL_RETURNED"])
    assert (found["friends"], found["friendsWithBills"], found["friendsWithBillsLeft"]) == (4, 3, 0)
    # Nobody is refused or paid less because of it, and one purchase that stands ends it.
    assert earn(tenant, friends[3], 4).json["referrerPointsEarned"] == 10
    assert listed(tenant) == []


def test_the_list_goes_on_where_a_page_ends(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    referrers = [issue(tenant)["id"] for _ in range(5)]
    for place, referrer in enumerate(referrers):
        same = [f"98{place}00111{number:02}" for number in range(5)]
        other = [f"98{place}{number}011100" for number in range(5)]
        bring(tenant, referrer, other if place in {1, 2} else same)
    assert [found["cardId"] for found in listed(tenant)] == [referrers[0], *referrers[3:]]
    # A page ends with the limit, or with what one call looks at: then it is short, or empty, and not the last.
    for limit, looked_at, sizes in ((2, 200, [2, 1]), (50, 2, [1, 1, 1]), (1, 1, [1, 0, 0, 1, 1, 0])):
        monkeypatch.setattr(suspicious, "LOOKED_AT", looked_at)
        pages: list[list[int]] = []
        cursor = None
        while not pages or cursor:
            page = tenant.admin.get(PATH, limit=limit, cursor=cursor).json
            pages.append([found["cardId"] for found in page["items"]])
            cursor = page["nextCursor"]
        assert [len(page) for page in pages] == sizes
        assert [found for page in pages for found in page] == [referrers[0], *referrers[3:]]
    assert tenant.admin.get(PATH, cursor="W10").status == 422
