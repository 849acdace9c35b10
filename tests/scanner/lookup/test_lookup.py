"""A look-up gives name, points and worth, or a sentence that says what to do."""

import socket
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scanner import lookup
from scanner.lookup import Found, LookupFailed, LookupImpossible, Service
from tests.scanner.lookup.stand_ins import answering
from tests.servers.clients import Tenant
from tests.servers.mariadb import free_port
from tests.servers.processes import LiveServer


@pytest.fixture
def tenant(live_server: LiveServer) -> Tenant:
    """Give a pharmacy whose points are worth 0.10 each."""
    return live_server.tenant()


def cashier(live_server: LiveServer, tenant: Tenant) -> Service:
    """Return the service as a cashier of the tenant asks it."""
    return Service(live_server.url, tenant.keys["cashier"])


def issue(tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """Issue a card and return it."""
    answer = tenant.admin.post("/cards", fields)
    assert answer.status == 201, answer.text
    card: dict[str, Any] = answer.json
    return card


@pytest.mark.parametrize("number", [None, "card-001/A", "/1", "%2F?#&+", ".."])
def test_a_card_is_shown_with_its_holder_and_its_worth(live_server: LiveServer, tenant: Tenant, number: str | None) -> None:
    card = issue(tenant, customerName="Asha Rao", **({} if number is None else {"cardNumber": number}))
    tenant.admin.post(f"/cards/{card['id']}/adjust-points", {"points": 125.5, "reason": "a present"})
    found = cashier(live_server, tenant).find(card["cardNumber"])
    assert found == Found("Asha Rao", Decimal("125.50"), Decimal("12.55"), None, "ACTIVE")
    assert found.line() == "Asha Rao · 125.50 points, worth 12.55"
    assert found.as_dict() == {"name": "Asha Rao", "points": "125.50", "amount": "12.55", "status": "ACTIVE"}


def test_a_card_of_nobody_is_shown_too(live_server: LiveServer, tenant: Tenant) -> None:
    card = issue(tenant)
    assert cashier(live_server, tenant).find(card["cardNumber"]).line() == "(no name) · 0.00 points, worth 0.00"


def test_a_blocked_card_is_shown_and_said(live_server: LiveServer, tenant: Tenant) -> None:
    card = issue(tenant, customerName="Asha Rao")
    assert tenant.admin.post(f"/cards/{card['id']}/block", {"reason": "lost"}).status == 200
    line = cashier(live_server, tenant).find(card["cardNumber"]).line()
    assert line.startswith("Asha Rao · 0.00 points")
    assert "this card is blocked" in line


def test_a_closed_card_is_shown_and_said(live_server: LiveServer, tenant: Tenant) -> None:
    card = issue(tenant)
    assert tenant.admin.delete(f"/cards/{card['id']}").status == 204
    assert "this card is closed" in cashier(live_server, tenant).find(card["cardNumber"]).line()


def test_a_replaced_card_says_so(live_server: LiveServer, tenant: Tenant) -> None:
    card = issue(tenant)
    assert tenant.admin.post(f"/cards/{card['id']}/replace", {"reason": "lost"}).status == 200
    with pytest.raises(LookupFailed, match="replaced"):
        cashier(live_server, tenant).find(card["cardNumber"])


def test_an_unknown_card_and_one_of_another_pharmacy_are_alike(live_server: LiveServer, tenant: Tenant) -> None:
    foreign = issue(live_server.tenant())["cardNumber"]
    for number in ("NOBODYS", foreign, "x" * 60, "two words"):
        with pytest.raises(LookupFailed, match="no card has this number"):
            cashier(live_server, tenant).find(number)


def test_a_wrong_key_says_where_the_key_belongs(live_server: LiveServer) -> None:
    with pytest.raises(LookupFailed, match="SCANNER_API_KEY"):
        Service(live_server.url, "no-key").find("CARD001")


def test_nobody_there_says_to_look_at_the_network() -> None:
    with pytest.raises(LookupFailed, match=r"cannot be reached.*SCANNER_SERVICE_URL"):
        Service(f"http://127.0.0.1:{free_port()}", "key").find("CARD001")


def test_a_name_that_is_nowhere_says_the_same() -> None:
    with pytest.raises(LookupFailed, match="cannot be reached"):
        Service("https://loyalty.invalid", "key").find("CARD001")


def test_a_service_that_is_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        service = Service(f"http://127.0.0.1:{silent.getsockname()[1]}", "key")
        with pytest.raises(LookupFailed, match="does not answer"):
            service.find("CARD001")


def test_no_secure_connection_is_said_and_the_key_is_not_sent() -> None:
    with answering({}) as (url, came):
        with pytest.raises(LookupFailed, match="no secure connection"):
            Service(url.replace("http:", "https:"), "key").find("CARD001")
        assert came == []


def test_a_key_follows_no_redirect() -> None:
    with answering({"*": (200, {})}) as (elsewhere, came), answering({"*": (302, {})}, Location=elsewhere) as (url, asked):
        with pytest.raises(LookupFailed, match="302"):
            Service(url, "key").find("CARD001")
        assert asked == [("/api/v1/cards/by-number/CARD001", "Bearer key")]
        assert came == []


def test_the_key_for_this_machine_goes_past_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering({"*": (200, {})}) as (proxy, came), answering({"*": (404, {})}) as (url, asked):
        monkeypatch.setenv("http_proxy", proxy)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(LookupFailed):
            Service(url, "key").find("CARD001")
        assert (came, len(asked)) == ([], 1)


@pytest.mark.parametrize("body", [b"<html>It works!</html>", b"", [], {}, {"id": "x"}, b"[" * 100_000])
@pytest.mark.parametrize("status", [200, 404])
def test_what_is_not_the_service_is_said(body: Any, status: int) -> None:
    with answering({"*": (status, body)}) as (url, _), pytest.raises(LookupFailed) as raised:
        Service(url, "key").find("CARD001")
    assert "not the loyalty service" in str(raised.value) or "404" in str(raised.value)


@pytest.mark.parametrize(("tier", "shown"), [("Gold", "Gold"), ({"name": "Gold"}, "Gold"), (None, None), ({}, None), (7, None)])
def test_a_tier_is_shown_once_the_service_has_them(tier: object, shown: str | None) -> None:
    card = {"id": 7, "customerName": "Asha\x1b[2J Rao\n", "status": "ACTIVE", "tier": tier}
    balance = {"pointsBalance": 5, "amount": 0.5}
    answers = {"/api/v1/cards/by-number/CARD001": (200, card), "/api/v1/cards/7/balance": (200, balance)}
    with answering(answers) as (url, came):
        found = Service(f"{url}/", "key").find("CARD001")
    assert found.tier == shown
    assert found.line() == "Asha\\x1b[2J Rao\\n · 5 points, worth 0.5" + (f" · {shown}" if shown else "")
    assert [authorization for _, authorization in came] == ["Bearer key", "Bearer key"]


@pytest.mark.parametrize("url", ["http://loyalty.example", "ftp://loyalty.example", "loyalty.example", "https://"])
def test_an_address_that_would_show_the_key_or_is_none_is_refused(url: str) -> None:
    with pytest.raises(LookupImpossible, match="SCANNER_SERVICE_URL"):
        Service.from_environment({"SCANNER_SERVICE_URL": url, "SCANNER_API_KEY": "key"})


def test_the_key_can_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.touch(mode=0o600)
    file.write_text("the-key\n")
    with answering({"*": (404, {})}) as (url, came):
        service = Service.from_environment({"SCANNER_SERVICE_URL": url, "SCANNER_API_KEY_FILE": str(file)})
        with pytest.raises(LookupFailed):
            service.find("CARD001")
        assert came[0][1] == "Bearer the-key"


def test_a_key_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("the-key")
    file.chmod(0o644)
    with pytest.raises(LookupImpossible, match="chmod 600"):
        Service.from_environment({"SCANNER_API_KEY_FILE": str(file)})


@pytest.mark.parametrize(
    "environment", [{}, {"SCANNER_API_KEY": " "}, {"SCANNER_API_KEY": "a\nb"}, {"SCANNER_API_KEY_FILE": "/nowhere"}]
)
def test_no_key_says_where_it_belongs(environment: dict[str, str]) -> None:
    with pytest.raises(LookupImpossible, match="SCANNER_API_KEY"):
        Service.from_environment(environment)
