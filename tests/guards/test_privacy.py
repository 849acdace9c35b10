"""A customer's name, telephone number, e-mail address and card number: never in a log line, a URL, a refusal or a metric."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from config.logging import configure
from tests.guards.pharmacy import fill, state
from tests.guards.surface import ROUTES, routes
from tests.servers.clients import Answer, Tenant
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service, start_service

NAME, SECOND_NAME = "Quintessa Featherstonehaugh", "Zebediah Worthington"
PHONE, SECOND_PHONE = "+919812345670", "+919812345671"
EMAIL, SECOND_EMAIL = "quintessa.f@privacy.example", "zebediah.w@privacy.example"
NUMBER, SECOND_NUMBER, NEW_NUMBER = "PRIVATE-CARD-0001", "PRIVATE-CARD-0002", "PRIVATE-CARD-0003"
PEOPLE = (
    "Quintessa",
    "Featherstonehaugh",
    "Zebediah",
    "Worthington",
    "9812345670",
    "9812345671",
    "98123 45670",
    "privacy.example",
)
NUMBERS = ("PRIVATE-CARD",)
CUSTOMER = {"customerName": NAME, "customerPhone": "+91 98123 45670", "customerEmail": EMAIL.upper()}
ABOUT_PEOPLE = ("name", "phone", "email", "mobile", "address", "birth")


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Log everything as the service does in production, and read what was written."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("DEBUG")
    capfd.readouterr()
    yield lambda: "".join(capfd.readouterr())
    root.handlers, root.level = handlers, level


def test_a_journey_leaves_no_trace_of_the_customer(service: Service, log: Any) -> None:
    answers = list(_journey(service.tenant()))
    lines = log()
    assert lines.count('"event":"request"') >= len(answers), "the log was not read"
    assert '"operation":"billing.earn_points"' in lines
    assert not _found(lines, PEOPLE + NUMBERS)
    refused = [answer for answer in answers if answer.status >= 400]
    assert len(refused) >= 18, [answer.status for answer in answers]
    for answer in refused:
        assert not _found(answer.text, PEOPLE + NUMBERS), answer.text
    assert not _found(service.root.get("/metrics").text, PEOPLE + NUMBERS)
    assert any(NAME in answer.text for answer in answers), "the customer is not even in the answers"


def test_headers_of_answers_name_nobody(service: Service) -> None:
    for answer in _journey(service.tenant()):
        assert not _found(str(answer.headers), PEOPLE + NUMBERS)


def test_the_audit_log_and_the_ledger_name_nobody(service: Service) -> None:
    """The tables of who changed what and what was posted are kept for ever; the customer's own row can be emptied."""
    tenant = service.tenant()
    list(_journey(tenant))
    kept = state(service.database, tenant.id)
    assert len(kept["audit_log"]) > 5
    for table in ("audit_log", "point_transactions", "bills", "redemptions", "bill_quotes", "point_lots"):
        assert not _found(str(kept[table]), PEOPLE), table
    assert _found(str(kept["loyalty_cards"]), PEOPLE)


def test_an_error_of_the_server_tells_nothing(own_sqlite: PrivateDatabase, log: Any) -> None:
    """A driver's message holds the values of the statement: a table that is gone makes one."""
    service = start_service(own_sqlite)
    tenant = service.tenant()
    made = tenant.admin.post("/cards", {"cardNumber": SECOND_NUMBER}).json["id"]
    own_sqlite.execute("ALTER TABLE audit_log RENAME TO elsewhere")
    log()
    answers = [
        tenant.admin.post("/cards", {**CUSTOMER, "cardNumber": NUMBER}),
        tenant.admin.post(f"/cards/{made}/replace", {"newCardNumber": NEW_NUMBER, "reason": f"{NAME} lost it"}),
    ]
    lines = log()
    own_sqlite.execute("ALTER TABLE elsewhere RENAME TO audit_log")
    assert [answer.status for answer in answers] == [500, 500]
    assert lines.count('"event":"unexpected_error"') == 2
    for text in (lines, *(answer.text for answer in answers)):
        assert not _found(text, PEOPLE + NUMBERS)


def test_no_address_has_a_place_for_a_person(service: Service) -> None:
    for route in routes(service.app):
        asked = {field.data_key for field in route.query.fields.values()} if route.query else set()
        for name in (*route.parameters, *asked):
            assert not any(word in name.lower() for word in ABOUT_PEOPLE), (route.name, name)
    assert "GET /cards/by-number/{card_number}" in ROUTES, "the one number in a path, and the log writes the route only"


def test_cursors_hold_nothing_of_a_person(service: Service) -> None:
    pharmacy = fill(service)
    for number in range(3):
        body = {"customerName": f"{NAME} {number}", "customerPhone": PHONE, "customerEmail": EMAIL}
        assert pharmacy.tenant.admin.post("/cards", body).status == 201
    for search in ({"name": NAME}, {"phone": PHONE}, {"email": EMAIL}):
        cursor = pharmacy.tenant.cashier.post("/cards/search", {**search, "limit": 1}).json["nextCursor"]
        assert cursor is not None
        assert len(cursor) < 30, "a cursor is a name of a list and a number"


def _journey(tenant: Tenant) -> Iterator[Answer]:
    admin, cashier, billing = tenant.admin, tenant.cashier, tenant.billing
    yield admin.put("/card-config", {"isEnabled": True, "minPointsToRedeem": 1})
    yield admin.post("/card-config/categories", {"categoryId": 1, "categoryName": "Tablets", "pointPercentage": 5})
    first = admin.post("/cards", {**CUSTOMER, "cardNumber": NUMBER, "customerId": 77})
    yield first
    card = f"/cards/{first.json['id']}"
    second = admin.post("/cards", {"cardNumber": SECOND_NUMBER, "customerName": NAME})
    yield second
    yield admin.post("/cards", {"cardNumber": NUMBER})
    yield admin.post("/cards", {**CUSTOMER, "customerId": 77})
    yield admin.post("/cards", {**CUSTOMER, "cardNumber": f"{NUMBER} {PHONE}"})
    yield admin.post("/cards", {**CUSTOMER, "referrerCardNumber": NUMBER})
    yield admin.post("/cards", {"customerName": [NAME]})
    yield admin.post("/cards", {"customerPhone": f"{PHONE} or so", "customerEmail": NAME, "customerName": NAME + "\n"})
    yield admin.post("/cards", f'{{"customerName": "{NAME}", "customerPhone": "{PHONE}"'.encode())
    yield admin.post("/cards", f"{NAME} {PHONE} {EMAIL}".encode())
    yield admin.put(card, {"customerName": SECOND_NAME, "customerPhone": SECOND_PHONE, "customerEmail": SECOND_EMAIL})
    yield admin.put(card, {"customerName": SECOND_NAME, "version": 999})
    yield admin.put(card, {"customerEmail": f"{NAME}@"})
    for search in ({"phone": SECOND_PHONE}, {"email": SECOND_EMAIL}, {"name": SECOND_NAME}, {"name": NAME, "phone": PHONE}):
        yield cashier.post("/cards/search", search)
    for role in (cashier, admin):
        yield role.get(f"/cards/by-number/{NUMBER}")
    yield cashier.get("/cards/by-number/PRIVATE-CARD-NONE")
    yield cashier.get("/cards", cursor=NUMBER)
    yield cashier.get("/cards", phone=PHONE)
    yield admin.with_authorization(f"Bearer {EMAIL}").get(f"/cards/by-number/{NUMBER}")
    yield cashier.post(f"{card}/block", {"reason": NAME})
    bill = {"cardNumber": NUMBER, "billId": 5, "billAmount": 500, "items": [{"categoryId": 1, "amount": 500}]}
    yield billing.post("/internal/cards/earn-points", bill)
    yield billing.post("/internal/cards/earn-points", {**bill, "cardNumber": SECOND_NUMBER})
    yield billing.post("/internal/cards/earn-points", {**bill, "billId": 6, "cardNumber": "PRIVATE-CARD-NONE"})
    yield billing.post("/internal/cards/redeem-points", {**bill, "billId": 7, "points": 500_000})
    yield billing.post("/internal/cards/redeem-points", {**bill, "billId": 7, "points": 2})
    yield billing.post("/internal/cards/earn-points/batch", {"items": [bill, {**bill, "billId": 8}]})
    yield billing.post("/internal/cards/reverse-points", {"cardNumber": NUMBER, "billId": 5})
    yield admin.post(f"{card}/link-referrer", {"referrerCardNumber": NUMBER})
    yield admin.post(f"{card}/replace", {"newCardNumber": SECOND_NUMBER, "reason": "lost"})
    yield admin.post(f"{card}/replace", {"newCardNumber": NEW_NUMBER, "reason": "lost"})
    yield cashier.get(f"/cards/by-number/{NUMBER}")
    yield billing.post("/internal/cards/earn-points", {**bill, "billId": 9})
    yield admin.post(f"{card}/merge", {"sourceCardId": second.json["id"]})
    for path in ("", "/transactions", "/balance", "/audit", "/referrals"):
        yield admin.get(card + path)
    yield admin.delete(card)
    yield admin.post(f"{card}/unblock", {"reason": "back"})


def _found(text: str, words: tuple[str, ...]) -> list[str]:
    return [word for word in words if word.lower() in text.lower()]
