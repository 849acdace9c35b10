"""Referrals over HTTP: who may refer whom, what it brought, and what a merge makes of it."""

from decimal import Decimal
from typing import Any

import pytest

from card_service.referrals import chain as chain_of_referrers
from tests.cards.steps import assert_balanced, bring_back, card, earn, issue, merge, open_pharmacy
from tests.servers.clients import Answer, Tenant
from tests.servers.service import Service


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return open_pharmacy(service)


def link(tenant: Tenant, card_id: int, referrer: Any) -> Answer:
    named = "referrerCardId" if isinstance(referrer, int) else "referrerCardNumber"
    return tenant.admin.post(f"/cards/{card_id}/link-referrer", {named: referrer})


def referrals(tenant: Tenant, card_id: int, **query: Any) -> dict[str, Any]:
    answer = tenant.cashier.get(f"/cards/{card_id}/referrals", **query)
    assert answer.status == 200, answer.text
    page: dict[str, Any] = answer.json
    return page


def assert_invalid(answer: Answer, says: str = "") -> None:
    assert (answer.status, answer.json["code"]) == (422, "REFERRER_INVALID")
    assert says in answer.json["detail"]


def test_a_referrer_is_named_by_id_or_number(service: Service, tenant: Tenant) -> None:
    referrer = issue(tenant, cardNumber="R-1", customerPhone="9800000001")
    by_id, by_number = issue(tenant), issue(tenant)
    for referred, name in ((by_id, referrer["id"]), (by_number, "R-1")):
        answer = link(tenant, referred["id"], name)
        assert (answer.status, answer.json) == (200, {**referred, "referrerCardId": referrer["id"], "version": 2})
    assert issue(tenant, referrerCardNumber="R-1")["referrerCardId"] == referrer["id"]
    assert issue(tenant, referrerCardId=referrer["id"])["referrerCardId"] == referrer["id"]
    log = service.database.rows(
        "SELECT entity_id FROM audit_log WHERE tenant_id = :id AND action = 'link-referrer' ORDER BY id", id=tenant.id
    )
    assert log == [(by_id["id"],), (by_number["id"],)]


@pytest.mark.parametrize(
    ("referrer", "referred"),
    [
        ({"customerPhone": "+91 98000"}, {"customerPhone": "+9198000"}),
        ({"customerEmail": "A@b.in"}, {"customerEmail": "a@B.in"}),
    ],
)
def test_nobody_refers_themselves(tenant: Tenant, referrer: dict[str, Any], referred: dict[str, Any]) -> None:
    one, other = issue(tenant, **referrer), issue(tenant, **referred)
    assert_invalid(link(tenant, one["id"], one["id"]))
    assert_invalid(link(tenant, other["id"], one["id"]))
    assert_invalid(tenant.admin.post("/cards", {**referred, "referrerCardId": one["id"]}))
    assert [found["id"] for found in tenant.admin.get("/cards").json["items"]] == [one["id"], other["id"]]


def test_a_customers_new_card_is_not_referred_by_the_closed_one(tenant: Tenant) -> None:
    closed = issue(tenant, customerId=7)["id"]
    tenant.admin.delete(f"/cards/{closed}")
    assert_invalid(tenant.admin.post("/cards", {"customerId": 7, "referrerCardId": closed}))


def test_a_referrer_is_set_once_and_before_the_first_earn(tenant: Tenant) -> None:
    referrer, referred, buyer = (issue(tenant)["id"] for _ in range(3))
    assert link(tenant, referred, referrer).status == 200
    assert_invalid(link(tenant, referred, referrer))
    assert_invalid(link(tenant, referrer, referred))
    earn(tenant, buyer, 1)
    assert_invalid(link(tenant, buyer, referrer))
    assert card(tenant, buyer)["referrerCardId"] is None


def test_a_referrer_must_be_active_and_there(service: Service, tenant: Tenant) -> None:
    blocked, replaced, referred = issue(tenant), issue(tenant, cardNumber="OLD"), issue(tenant)["id"]
    tenant.admin.post(f"/cards/{blocked['id']}/block", {"reason": "lost"})
    tenant.admin.post(f"/cards/{replaced['id']}/replace", {"reason": "lost"})
    assert_invalid(link(tenant, referred, blocked["id"]))
    assert_invalid(tenant.admin.post("/cards", {"referrerCardNumber": blocked["cardNumber"]}))
    for answer in (link(tenant, referred, "OLD"), tenant.admin.post("/cards", {"referrerCardNumber": "OLD"})):
        assert (answer.status, answer.json["code"]) == (409, "CARD_REPLACED")
    foreign = issue(service.tenant(), cardNumber="THEIRS")
    for name in (foreign["id"], "THEIRS", 2**62, "NONE"):
        answer = link(tenant, referred, name)
        assert (answer.status, answer.json["code"]) == (404, "CARD_NOT_FOUND")
    assert link(tenant, 2**62, "OLD").status == 404
    assert tenant.admin.post("/cards", {"referrerCardId": foreign["id"]}).status == 404
    for body in ({}, {"referrerCardId": 1, "referrerCardNumber": "A"}, {"referrerCardId": "1"}):
        assert tenant.admin.post(f"/cards/{referred}/link-referrer", body).status == 422


def test_what_each_referral_brought(tenant: Tenant) -> None:
    referrer = issue(tenant)["id"]
    first, second, third = (issue(tenant, referrerCardId=referrer, customerName=name) for name in ("Asha", "Ravi", None))
    earn(tenant, first["id"], 1)
    earn(tenant, first["id"], 2, 555)
    earn(tenant, second["id"], 3)
    bring_back(tenant, 1)
    bring_back(tenant, 3)
    page = referrals(tenant, referrer)
    assert [(row["cardId"], row["pointsEarned"]) for row in page["items"]] == [
        (first["id"], Decimal("5.55")), (second["id"], 0), (third["id"], 0),
    ]  # fmt: skip
    assert page["items"][0] == {
        "cardId": first["id"], "cardNumber": first["cardNumber"], "customerName": "Asha", "status": "ACTIVE",
        "linkedAt": first["issuedAt"], "pointsEarned": Decimal("5.55"), "bonusPoints": 0,
    }  # fmt: skip
    start = referrals(tenant, referrer, limit=2)
    rest = referrals(tenant, referrer, limit=2, cursor=start["nextCursor"])
    assert start["items"] + rest["items"] == page["items"]
    assert (rest["nextCursor"], page["nextCursor"]) == (None, None)
    assert tenant.admin.get(f"/cards/{first['id']}/referrals", cursor=start["nextCursor"]).status == 422
    assert tenant.admin.get(f"/cards/{2**62}/referrals").json["code"] == "CARD_NOT_FOUND"
    assert referrals(tenant, third["id"]) == {"items": [], "nextCursor": None}


def test_a_merge_hands_the_referrals_over(service: Service, tenant: Tenant) -> None:
    target, source = (issue(tenant)["id"] for _ in range(2))
    referred = issue(tenant, referrerCardId=source)["id"]
    earn(tenant, referred, 1)
    assert merge(tenant, target, source).status == 200
    assert card(tenant, referred)["referrerCardId"] == target
    assert [row["cardId"] for row in referrals(tenant, target)["items"]] == [referred]
    earn(tenant, referred, 2)
    assert card(tenant, target)["pointsBalance"] == 20
    bring_back(tenant, 1)
    assert card(tenant, target)["pointsBalance"] == 10
    assert card(tenant, target)["totalReferralPointsEarned"] == 10
    assert_balanced(service, tenant, target, source, referred)


def test_a_merge_makes_no_card_its_own_referrer(tenant: Tenant) -> None:
    source = issue(tenant)["id"]
    target = issue(tenant, referrerCardId=source)["id"]
    assert merge(tenant, target, source).json["referrerCardId"] is None
    assert referrals(tenant, target)["items"] == []


@pytest.mark.parametrize("length", [2, 3, 7])
def test_a_chain_of_referrers_closes_to_no_ring(tenant: Tenant, length: int) -> None:
    chain = [issue(tenant)["id"]]
    for _ in range(length - 1):
        chain.append(issue(tenant, referrerCardId=chain[-1])["id"])
    assert_invalid(link(tenant, chain[0], chain[-1]), "at first hand or through others")
    assert link(tenant, chain[0], issue(tenant)["id"]).status == 200


def test_a_card_stands_for_those_merged_into_it_in_a_chain(tenant: Tenant) -> None:
    first = issue(tenant)["id"]
    source = issue(tenant, referrerCardId=first)["id"]
    target = issue(tenant)["id"]
    assert merge(tenant, target, source).status == 200
    last = issue(tenant, referrerCardId=target)["id"]
    assert_invalid(link(tenant, first, last), "at first hand or through others")


def test_a_chain_is_followed_so_far_and_no_further(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    chain = [issue(tenant)["id"]]
    for _ in range(3):
        chain.append(issue(tenant, referrerCardId=chain[-1])["id"])
    monkeypatch.setattr(chain_of_referrers, "MOST_GENERATIONS", 3)
    friend = issue(tenant)["id"]
    assert_invalid(link(tenant, friend, chain[3]), "longer than 3 cards")
    other = issue(tenant)["id"]
    assert_invalid(merge(tenant, chain[3], other), "longer than 3 cards")
    assert card(tenant, other)["status"] == "ACTIVE"
    assert link(tenant, friend, chain[2]).status == 200


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({"customerId": 7}, "the customer id is on it"),
        ({"customerPhone": "+91 98000"}, "the phone number is on it"),
        ({"customerEmail": "A@b.in"}, "the e-mail address is on it"),
    ],
)
def test_who_has_had_a_card_is_no_new_friend(tenant: Tenant, known: dict[str, Any], says: str) -> None:
    referrer, before = issue(tenant)["id"], issue(tenant, **known)["id"]
    tenant.admin.delete(f"/cards/{before}")
    assert_invalid(tenant.admin.post("/cards", {**known, "referrerCardId": referrer}), says)
    friend = issue(tenant, **known)["id"]
    assert_invalid(link(tenant, friend, referrer), says)
    assert card(tenant, friend)["referrerCardId"] is None


def test_a_card_that_was_merged_into_the_friends_own_is_no_other(tenant: Tenant) -> None:
    known = {"customerPhone": "+91 98000", "customerEmail": "a@b.in"}
    referrer, friend, source = issue(tenant)["id"], issue(tenant, **known)["id"], issue(tenant, **known)["id"]
    assert merge(tenant, friend, source).status == 200
    assert link(tenant, friend, referrer).status == 200


def test_a_merge_closes_no_ring_of_any_length(tenant: Tenant) -> None:
    source = issue(tenant)["id"]
    chain = [source]
    for _ in range(4):
        chain.append(issue(tenant, referrerCardId=chain[-1])["id"])
    beside = issue(tenant, referrerCardId=source)["id"]
    before = card(tenant, chain[1])["version"]
    assert merge(tenant, chain[4], source).status == 200
    # The link that would have closed the ring has ended, the others stand.
    assert [card(tenant, one)["referrerCardId"] for one in chain[1:]] == [None, *chain[1:4]]
    assert card(tenant, chain[1])["version"] == before + 1
    assert card(tenant, beside)["referrerCardId"] == chain[4]


def test_the_link_of_a_card_merged_away_ends_no_other(tenant: Tenant) -> None:
    target, last = issue(tenant)["id"], issue(tenant)["id"]
    friend = issue(tenant, referrerCardId=target)["id"]
    source = issue(tenant, referrerCardId=friend)["id"]
    assert merge(tenant, target, source).status == 200
    assert merge(tenant, last, target).status == 200
    assert (card(tenant, friend)["referrerCardId"], card(tenant, source)["referrerCardId"]) == (last, friend)


def test_a_merge_makes_no_two_cards_each_others_referrer(tenant: Tenant) -> None:
    source = issue(tenant)["id"]
    middle = issue(tenant, referrerCardId=source)["id"]
    target = issue(tenant, referrerCardId=middle)["id"]
    assert merge(tenant, target, source).json["referrerCardId"] == middle
    assert card(tenant, middle)["referrerCardId"] is None
