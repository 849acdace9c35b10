"""Finding cards over HTTP: by id, number and customer, in a search, in the list; and what a balance shows."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.cards.steps import issue
from tests.servers.clients import Client, Tenant
from tests.servers.service import Service


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return service.tenant()


def found(client: Client, **searched: Any) -> list[int]:
    answer = client.post("/cards/search", searched)
    assert answer.status == 200, answer.text
    return [card["id"] for card in answer.json["items"]]


@pytest.mark.parametrize(
    "number", ["/A", "//", "A/B", "A//B", "A/", "a%2Fb", "A?b=1", "A#1", "..", "%", "\\", '"', "~!@$&'()*+,;=:[]|^`{}<>", "0"]
)
def test_a_card_is_found_by_every_number_it_can_have(tenant: Tenant, number: str) -> None:
    card = issue(tenant, cardNumber=number)
    path = "".join(f"%{ord(character):02X}" for character in number)
    answer = tenant.cashier.get(f"/cards/by-number/{path}")
    assert (answer.status, answer.json) == (200, card)


@pytest.mark.parametrize(
    "path",
    [
        "by-number/NONE", "by-number/A%20B", "by-number/%E0%A5%A7", "by-number/" + "9" * 51, "by-number/A%00",
        "by-customer/1", "by-customer/x", "0", "x", "9223372036854775808", "x/balance", "9999999999/balance",
    ],
)  # fmt: skip
def test_what_is_no_card_is_not_found(tenant: Tenant, path: str) -> None:
    answer = tenant.cashier.get(f"/cards/{path}")
    assert (answer.status, answer.json["code"]) == (404, "CARD_NOT_FOUND")


def test_another_tenants_card_is_no_card(service: Service, tenant: Tenant) -> None:
    card = issue(service.tenant(), cardNumber="CARD-1", customerId=7, customerPhone="9800000001", customerName="Asha")
    unknown = tenant.admin.get(f"/cards/{2**62}").text
    for path in (card["id"], f"{card['id']}/balance", "by-number/CARD-1", "by-customer/7"):
        assert tenant.admin.get(f"/cards/{path}").text == unknown
    for searched in ({"customerId": 7}, {"phone": "9800000001"}, {"name": "Asha"}):
        assert found(tenant.admin, **searched) == []
    assert tenant.admin.get("/cards").json == {"items": [], "nextCursor": None}
    for call, body in {"block": {"reason": "x"}, "unblock": {}, "replace": {"reason": "x"}, "merge": {"sourceCardId": 1}}.items():
        assert tenant.admin.post(f"/cards/{card['id']}/{call}", body).text == unknown
    assert tenant.admin.put(f"/cards/{card['id']}", {"customerName": "x"}).text == unknown
    assert tenant.admin.delete(f"/cards/{card['id']}").text == unknown


def test_a_customers_card_is_the_live_one_else_the_last_closed(tenant: Tenant) -> None:
    first, second, third = (issue_and_close(tenant) for _ in range(3))
    assert first < second < third
    assert tenant.billing.get("/cards/by-customer/7").json["id"] == third
    live = issue(tenant, customerId=7)
    issue(tenant, customerId=8)
    assert tenant.billing.get("/cards/by-customer/7").json == live
    assert found(tenant.billing, customerId=7) == [first, second, third, live["id"]]


def issue_and_close(tenant: Tenant) -> int:
    card_id: int = issue(tenant, customerId=7)["id"]
    assert tenant.admin.delete(f"/cards/{card_id}").status == 204
    return card_id


def test_a_search_takes_what_a_customer_says(tenant: Tenant) -> None:
    asha = issue(tenant, customerName="Asha Rao", customerPhone="+919800000001", customerEmail="asha@example.in")["id"]
    ashok = issue(tenant, customerName="ASHOK", customerPhone="+919800000001")["id"]
    odd = issue(tenant, customerName="100%_!\\ Asha")["id"]
    assert found(tenant.cashier, name="ash") == [asha, ashok]
    assert found(tenant.cashier, name="aSHA r") == [asha]
    assert found(tenant.cashier, name="100%_!\\ a") == [odd]
    assert [found(tenant.cashier, name=name) for name in ("%", "_sha", "rao", "Asha Rao Rao")] == [[], [], [], []]
    assert found(tenant.cashier, phone="+91 98000-00001") == [asha, ashok]
    assert found(tenant.cashier, email="ASHA@example.in") == [asha]
    assert found(tenant.cashier, email="asha@example.i") == []


@pytest.mark.parametrize("body", [{}, {"name": "a", "phone": "123"}, {"cardNumber": "1"}, {"name": ""}, {"name": None},
                                  {"customerId": "1"}, {"phone": "%"}, {"email": "a%"}, {"name": "a", "limit": 201},
                                  {"name": "a", "limit": 0}, {"name": "a", "cursor": "x"}])  # fmt: skip
def test_a_search_is_for_exactly_one_thing(tenant: Tenant, body: dict[str, Any]) -> None:
    answer = tenant.cashier.post("/cards/search", body)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_FAILED")


def test_lists_are_read_page_by_page(tenant: Tenant) -> None:
    cards = [issue(tenant, customerName=f"N{i}") for i in range(5)]
    pages = [tenant.admin.get("/cards", limit=2).json]
    while pages[-1]["nextCursor"]:
        pages.append(tenant.admin.get("/cards", limit=2, cursor=pages[-1]["nextCursor"]).json)
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert [card for page in pages for card in page["items"]] == cards
    first = tenant.admin.post("/cards/search", {"name": "n", "limit": 4}).json
    rest = tenant.admin.post("/cards/search", {"name": "n", "limit": 4, "cursor": first["nextCursor"]}).json
    assert first["items"] + rest["items"] == cards
    assert rest["nextCursor"] is None
    assert tenant.admin.get("/cards", limit=5).json["nextCursor"] is None
    # A cursor belongs to its list.
    assert tenant.admin.get("/cards", cursor=first["nextCursor"]).status == 422
    assert tenant.admin.post("/cards/search", {"name": "n", "cursor": pages[0]["nextCursor"]}).status == 422


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"limit": "x"}, {"cursor": "x"}, {"cursor": ""}, {"sort": "id"}])
def test_a_wrong_page_is_refused(tenant: Tenant, query: dict[str, Any]) -> None:
    answer = tenant.admin.get("/cards", **query)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_FAILED")


def test_a_search_repeated_with_its_key_is_answered_the_same(tenant: Tenant) -> None:
    key = {"Idempotency-Key": "s"}
    first = tenant.cashier.post("/cards/search", {"name": "a"}, key)
    issue(tenant, customerName="Asha")
    assert tenant.cashier.post("/cards/search", {"name": "a"}, key).text == first.text
    assert tenant.cashier.post("/cards/search", {"name": "b"}, key).json["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len(found(tenant.cashier, name="a")) == 1


def test_points_past_their_date_are_not_shown(service: Service, tenant: Tenant) -> None:
    card = issue(tenant, customerName="Asha", customerId=7)
    today = service.clock.now.date()
    for points, days in ((Decimal("100.55"), 0), (Decimal("30.33"), 5), (Decimal(7), None)):
        given = {"points": points, "reason": "gift"}
        given |= {} if days is None else {"expiresAt": (today + timedelta(days=days)).isoformat()}
        assert tenant.admin.post(f"/cards/{card['id']}/adjust-points", given).status == 200
    for day, left in ((0, Decimal("137.88")), (1, Decimal("37.33")), (6, Decimal(7))):
        service.clock.reset()
        service.clock.advance(days=day)
        balance = tenant.cashier.get(f"/cards/{card['id']}/balance").json
        assert balance == {
            "cardId": card["id"], "cardNumber": card["cardNumber"], "pointsBalance": left, "pointsPending": 0,
            "pointsDebt": 0, "amount": (left / 10).quantize(Decimal("0.01"), "ROUND_DOWN"),
            "asOf": service.clock.now.isoformat().replace("+00:00", "Z"),
            "cashBack": None,
            "tier": None,
        }  # fmt: skip
        seen = [
            tenant.cashier.get(f"/cards/{card['id']}").json,
            tenant.cashier.get("/cards/by-customer/7").json,
            *tenant.cashier.get("/cards").json["items"],
            *tenant.cashier.post("/cards/search", {"name": "A"}).json["items"],
        ]
        assert [one["pointsBalance"] for one in seen] == [left] * 4
