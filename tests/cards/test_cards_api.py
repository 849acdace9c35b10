"""Cards over HTTP: issued, found, changed, blocked, replaced and closed."""

import json
from typing import Any

import pytest

from card_service.cards.numbers import has_valid_check_digits
from tests.cards.steps import issue
from tests.servers.clients import Tenant
from tests.servers.service import Service

NEW_CARD: dict[str, Any] = {
    "customerId": None, "customerName": None, "customerPhone": None, "customerEmail": None, "referrerCardId": None,
    "pointsBalance": 0, "pointsPending": 0, "pointsDebt": 0, "totalPointsEarned": 0, "totalPointsRedeemed": 0,
    "totalReferralPointsEarned": 0, "status": "ACTIVE", "isActive": True, "lastTransactionAt": None, "version": 1,
    "birthDate": None, "segments": [], "referralLink": None, "tier": None,
    "programId": None,
}  # fmt: skip
FIELDS = {"id", "cardNumber", "issuedAt", "referralCode", *NEW_CARD}


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return service.tenant()


def change_log(service: Service, card_id: int) -> list[tuple[Any, ...]]:
    return service.database.rows(
        "SELECT action, reason, `before`, `after` FROM audit_log WHERE entity = 'card' AND entity_id = :id ORDER BY id",
        id=card_id,
    )


def test_a_card_is_issued_with_a_number_of_its_own_making(service: Service, tenant: Tenant) -> None:
    first, second = issue(tenant), issue(tenant)
    assert set(first) == FIELDS
    assert {name: first[name] for name in NEW_CARD} == NEW_CARD
    assert first["issuedAt"] == service.clock.now.isoformat().replace("+00:00", "Z")
    numbers = [first["cardNumber"], second["cardNumber"]]
    assert len(set(numbers)) == 2
    assert all(has_valid_check_digits(number) for number in numbers)
    assert all(number[2:6] == f"{tenant.id % 10_000:04d}" for number in numbers)


def test_a_made_number_that_is_taken_is_passed_over(tenant: Tenant, service: Service) -> None:
    made = [issue(tenant)["cardNumber"] for _ in range(2)]
    other = service.tenant()
    service.database.execute(
        "UPDATE card_configurations SET next_card_serial = 0 WHERE tenant_id IN (:one, :other)", one=tenant.id, other=other.id
    )
    third = issue(tenant)["cardNumber"]
    assert third not in made
    assert service.database.rows("SELECT next_card_serial FROM card_configurations WHERE tenant_id = :id", id=tenant.id) == [(3,)]


def test_a_card_is_issued_for_a_customer(tenant: Tenant) -> None:
    card = issue(
        tenant, cardNumber="CARD-1", customerId=7, customerName=" Asha ", customerPhone="+91 (98) 000-00001",
        customerEmail="Asha@Example.IN",
    )  # fmt: skip
    assert (card["cardNumber"], card["customerId"], card["customerName"]) == ("CARD-1", 7, "Asha")
    assert (card["customerPhone"], card["customerEmail"]) == ("+919800000001", "asha@example.in")
    assert tenant.billing.get(f"/cards/{card['id']}").json == card


@pytest.mark.parametrize(
    "body",
    [
        {"cardNumber": ""}, {"cardNumber": "A B"}, {"cardNumber": "A" * 51}, {"cardNumber": "CARD\u0967"}, {"cardNumber": 12},
        {"cardNumber": "A\n"}, {"customerId": 0}, {"customerId": "7"}, {"customerId": 2**63},
        {"customerPhone": "12"}, {"customerPhone": "+91 98x"}, {"customerPhone": "1" * 21}, {"customerEmail": "a"},
        {"customerEmail": "a@b@c"}, {"customerEmail": "a b@c"}, {"customerName": " "}, {"customerName": "x" * 201},
        {"referrerCardId": 1, "referrerCardNumber": "A"},
        {"customerPhone": " " * 60_000 + "12x"}, {"customerPhone": "12" + " " * 60_000 + "x"},
        {"status": "CLOSED"}, {"pointsBalance": 5}, {"version": 2},
    ],
)  # fmt: skip
def test_a_wrong_body_issues_nothing(service: Service, tenant: Tenant, body: dict[str, Any]) -> None:
    answer = tenant.admin.post("/cards", body)
    assert (answer.status, answer.json["code"]) == (422, "VALIDATION_FAILED")
    assert set(answer.json["errors"]) <= {*body, "referrerCardNumber"}
    assert service.database.rows("SELECT id FROM loyalty_cards WHERE tenant_id = :id", id=tenant.id) == []


def test_a_customer_and_a_number_have_one_card(tenant: Tenant) -> None:
    card = issue(tenant, cardNumber="CARD-1", customerId=7)
    for body in ({"cardNumber": "CARD-1"}, {"customerId": 7}):
        answer = tenant.admin.post("/cards", body)
        assert (answer.status, answer.json["code"]) == (409, "CARD_EXISTS")
    assert issue(tenant, cardNumber="card-1")["cardNumber"] == "card-1"
    assert tenant.admin.delete(f"/cards/{card['id']}").status == 204
    assert tenant.admin.post("/cards", {"cardNumber": "CARD-1"}).json["code"] == "CARD_EXISTS"
    assert issue(tenant, customerId=7)["id"] != card["id"]


def test_numbers_of_the_tenants_own_must_be_of_its_pattern(tenant: Tenant) -> None:
    assert tenant.admin.put("/card-config", {"cardNumberPattern": "AP-##@*"}).status == 200
    for number in ("AP-1", "ap-12AB", "AP-12a1", "AP-1212", "AP-12AB9"):
        answer = tenant.admin.post("/cards", {"cardNumber": number})
        assert (answer.status, list(answer.json["errors"])) == (422, ["cardNumber"])
    card = issue(tenant, cardNumber="AP-12AB")
    replaced = tenant.admin.post(f"/cards/{card['id']}/replace", {"reason": "lost", "newCardNumber": "other"})
    assert (replaced.status, list(replaced.json["errors"])) == (422, ["newCardNumber"])
    assert has_valid_check_digits(issue(tenant)["cardNumber"])


def test_an_issue_repeated_with_its_key_is_one_card(tenant: Tenant) -> None:
    key = {"Idempotency-Key": "issue 1"}
    first, again = (tenant.admin.post("/cards", {"customerId": 7}, key) for _ in range(2))
    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = tenant.admin.post("/cards", {"customerId": 8}, key)
    assert (other.status, other.json["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_holders_are_changed_field_by_field(service: Service, tenant: Tenant) -> None:
    card = issue(tenant, customerId=7, customerName="Asha", customerPhone="9800000001")
    path = f"/cards/{card['id']}"
    changed = tenant.admin.put(path, {"customerName": "Asha Rao", "customerPhone": None, "version": 1})
    assert changed.status == 200
    assert changed.json == {**card, "customerName": "Asha Rao", "customerPhone": None, "version": 2}
    stale = tenant.admin.put(path, {"customerId": 9, "version": 1})
    assert (stale.status, stale.json["code"]) == (409, "VERSION_CONFLICT")
    assert tenant.admin.put(path, {"customerName": "Asha Rao"}).json["version"] == 2
    issue(tenant, customerId=8)
    assert tenant.admin.put(path, {"customerId": 8}).json["code"] == "CARD_EXISTS"
    assert tenant.admin.put(path, {"customerId": 9}).json["customerId"] == 9
    log = change_log(service, card["id"])
    assert [json.loads(after) for *_, after in log[1:]] == [
        {"changed": ["customer_name", "customer_phone"]},
        {"changed": ["customer_id"], "customer_id": 9},
    ]
    assert "Asha" not in str(log)
    assert "9800000001" not in str(log)


@pytest.mark.parametrize(
    "body", [{"cardNumber": "X"}, {"status": "ACTIVE"}, {"version": 0}, {"version": None}, {"customerId": 0}]
)
def test_nothing_else_of_a_card_can_be_changed(tenant: Tenant, body: dict[str, Any]) -> None:
    card = issue(tenant)
    assert tenant.admin.put(f"/cards/{card['id']}", body).status == 422
    assert tenant.admin.get(f"/cards/{card['id']}").json == card


def test_a_card_is_blocked_and_unblocked(service: Service, tenant: Tenant) -> None:
    path = f"/cards/{issue(tenant)['id']}"
    blocked = tenant.admin.post(f"{path}/block", {"reason": "lost"}).json
    assert (blocked["status"], blocked["isActive"], blocked["version"]) == ("SUSPENDED", False, 2)
    assert tenant.admin.post(f"{path}/block", {"reason": "again"}).json == blocked
    unblocked = tenant.admin.post(f"{path}/unblock").json
    assert (unblocked["status"], unblocked["isActive"]) == ("ACTIVE", True)
    assert tenant.admin.post(f"{path}/block", {}).status == 422
    assert [row[:2] for row in change_log(service, blocked["id"])] == [("issue", None), ("block", "lost"), ("unblock", None)]


def test_a_closed_card_stays_closed(tenant: Tenant) -> None:
    referrer = issue(tenant)["id"]
    path = f"/cards/{issue(tenant, customerId=7)['id']}"
    assert [tenant.admin.delete(path).status for _ in range(2)] == [204, 204]
    assert tenant.admin.get(path).json["status"] == "CLOSED"
    why = {"reason": "lost"}
    for call, body in {"block": why, "unblock": {}, "replace": why, "link-referrer": {"referrerCardId": referrer}}.items():
        answer = tenant.admin.post(f"{path}/{call}", body)
        assert (answer.status, answer.json["code"]) == (409, "CARD_NOT_ACTIVE")
    assert tenant.admin.put(path, {"customerId": None}).json["customerId"] is None


def test_a_replaced_number_is_never_given_again(service: Service, tenant: Tenant) -> None:
    card = issue(tenant, cardNumber="OLD/1", customerId=7)
    path = f"/cards/{card['id']}/replace"
    replaced = tenant.admin.post(path, {"reason": "lost", "newCardNumber": "NEW-1"}).json
    assert replaced == {**card, "cardNumber": "NEW-1", "version": 2}
    old = tenant.cashier.get("/cards/by-number/OLD/1")
    assert (old.status, old.json["code"]) == (409, "CARD_REPLACED")
    for number in ("OLD/1", "NEW-1"):
        assert tenant.admin.post(path, {"reason": "lost", "newCardNumber": number}).json["code"] == "CARD_EXISTS"
    made = tenant.admin.post(path, {"reason": "worn"}, {"Idempotency-Key": "r"})
    assert has_valid_check_digits(made.json["cardNumber"])
    assert tenant.admin.post(path, {"reason": "worn"}, {"Idempotency-Key": "r"}).text == made.text
    assert tenant.cashier.get("/cards/by-number/NEW-1").json["code"] == "CARD_REPLACED"
    assert tenant.cashier.get(f"/cards/by-number/{made.json['cardNumber']}").json == made.json
    assert [row[0] for row in change_log(service, card["id"])] == ["issue", "replace", "replace"]
