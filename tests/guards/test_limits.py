"""Limits: wrong credentials always have one, right ones where it is configured; nobody else pays for them."""

import pytest

from tests.guards.pharmacy import differences, state
from tests.servers.clients import Client, in_process
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service, new_address, start_service

WRONG = "Bearer csk_aaaaaaaaaa_" + "a" * 43
AN_HOUR = 3600


@pytest.fixture
def limited(database: PrivateDatabase) -> Service:
    return start_service(database, failed_auth_limit="5 per hour")


def test_wrong_credentials_are_stopped_and_right_ones_go_on(limited: Service) -> None:
    tenant, address = limited.tenant(), new_address()
    here = Client(in_process(limited.app, address))
    seen = [here.with_authorization(authorization).get("/cards").status for authorization in (WRONG, None, "Basic x", WRONG, "x")]
    assert seen == [401] * 5
    for authorization in (WRONG, None, f"Bearer {tenant.keys['admin']}x"):
        answer = here.with_authorization(authorization).get("/cards")
        assert (answer.status, answer.json["code"]) == (429, "RATE_LIMITED")
        assert 1 <= int(answer.headers["Retry-After"]) <= AN_HOUR
        assert answer.headers["Content-Type"] == "application/problem+json"
    for role in ("admin", "cashier", "billing"):
        assert here.with_authorization(f"Bearer {tenant.keys[role]}").get("/cards").status == 200


def test_who_is_limited_is_the_address_that_calls(limited: Service) -> None:
    address = new_address()
    here, elsewhere = Client(in_process(limited.app, address)), limited.anonymous
    assert [here.get("/cards").status for _ in range(6)] == [401] * 5 + [429]
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP"):
        assert here.get("/cards", {name: new_address()}).status == 429, f"{name} makes an address of its own"
    assert elsewhere.get("/cards", {"X-Forwarded-For": address}).status == 401


def test_a_role_that_may_not_is_no_wrong_credential(limited: Service) -> None:
    tenant = limited.tenant()
    assert {tenant.billing.get("/card-config").status for _ in range(10)} == {403}
    assert tenant.admin.with_authorization(WRONG).get("/cards").status == 401, "the same address has used up nothing"


def test_valid_credentials_are_limited_where_it_is_configured(database: PrivateDatabase) -> None:
    service = start_service(database, rate_limit="4 per hour")
    tenant = service.tenant()
    before = state(database, tenant.id)
    assert [tenant.admin.get("/cards").status for _ in range(4)] == [200] * 4
    answer = tenant.admin.post("/cards", {"customerName": "One Too Many"})
    assert (answer.status, answer.json["code"]) == (429, "RATE_LIMITED")
    assert 1 <= int(answer.headers["Retry-After"]) <= AN_HOUR
    assert not differences(before, state(database, tenant.id))
    assert tenant.billing.get("/cards").status == 200, "another key has a limit of its own"
    assert service.tenant().admin.get("/cards").status == 200, "so has another tenant"


def test_valid_credentials_have_no_limit_otherwise(limited: Service) -> None:
    tenant = limited.tenant()
    assert {tenant.admin.get("/cards").status for _ in range(50)} == {200}
