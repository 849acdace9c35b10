"""What can be seen of each request: its id, its log line, its numbers."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from config import logging
from tests.ledger.story import BILL, done, tell
from tests.servers.clients import Client
from tests.servers.service import Service

SAMPLE = re.compile(r"(?P<name>[a-z_]+)(\{(?P<labels>[^}]*)\})? (?P<value>\S+)")
PERSONAL = {"name": "Zubaida Quillfeather", "phone": "+919812345678", "email": "zubaida@quillfeather.example"}


@pytest.fixture(autouse=True)
def _configured() -> None:
    logging.configure("INFO")


def numbers(root: Client) -> dict[str, float]:
    """Read /metrics: each sample by its name and labels."""
    text = done(root.get("/metrics")).text
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            sample = SAMPLE.fullmatch(line)
            assert sample is not None, line
            found[line.rpartition(" ")[0]] = float(sample["value"])
    return found


def log_lines(capfd: pytest.CaptureFixture[str]) -> Iterator[dict[str, Any]]:
    for line in capfd.readouterr().err.splitlines():
        yield json.loads(line)


@pytest.mark.parametrize("sent", ["till-7.2026-03-02_18", "a", "A" * 64])
def test_a_request_id_is_taken_and_echoed(service: Service, sent: str) -> None:
    assert service.root.get("/healthz", headers={"X-Request-Id": sent}).headers["X-Request-Id"] == sent


@pytest.mark.parametrize("sent", ["", "919812345678", "981-234-5678", "a b", "x" * 65, 'a"b', "é", "+919812345678"])
def test_another_is_made_where_none_or_a_strange_one_is_sent(service: Service, sent: str) -> None:
    echoed = [service.root.get("/healthz", headers={"X-Request-Id": sent}).headers["X-Request-Id"] for _ in range(2)]
    assert sent not in echoed
    assert echoed[0] != echoed[1]
    assert re.fullmatch("[0-9a-f]{16}", echoed[0])


def test_a_request_is_one_line_with_tenant_operation_status_and_time(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    tenant = service.tenant()
    capfd.readouterr()
    tenant.admin.get("/cards/4711", headers={"X-Request-Id": "req-1"})
    (line,) = log_lines(capfd)
    assert line.pop("duration_ms") > 0
    assert line.pop("timestamp")
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": "req-1",
        "tenant": tenant.id,
        "operation": "cards.get_card",
        "status": 404,
    }


def test_polled_paths_write_no_line_and_unknown_ones_have_no_tenant(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    for path in ("/healthz", "/readyz", "/metrics", "/nothing/+919812345678"):
        service.root.get(path)
    (line,) = log_lines(capfd)
    assert (line["operation"], line["tenant"], line["status"]) == ("unmatched", None, 404)
    assert "9198" not in json.dumps(line)


def test_nothing_of_a_customer_is_logged(service: Service, capfd: pytest.CaptureFixture[str]) -> None:
    tenant = service.tenant()
    capfd.readouterr()
    body = {"customerName": PERSONAL["name"], "customerPhone": PERSONAL["phone"], "customerEmail": PERSONAL["email"]}
    card = done(tenant.admin.post("/cards", body)).json
    tenant.admin.post("/cards", body | {"cardNumber": card["cardNumber"]})
    tenant.cashier.get(f"/cards/by-number/{card['cardNumber']}")
    for field in ("phone", "email", "name"):
        done(tenant.cashier.post("/cards/search", {field: PERSONAL[field]}))
    tenant.admin.post("/cards", {"customerPhone": [PERSONAL["phone"]]})
    written = capfd.readouterr().err
    assert written.count('"event":"request"') == 7
    for value in (*PERSONAL.values(), card["cardNumber"], "Zubaida", "quillfeather", "9812345678"):
        assert value not in written


def test_requests_are_counted_by_route_and_status_and_timed(service: Service) -> None:
    tenant = service.tenant()
    before = numbers(service.root)
    tenant.admin.get("/cards/4711")
    tenant.admin.get("/cards/4712")
    service.anonymous.get("/cards/4711")
    after = numbers(service.root)
    route = '{method="GET",route="/api/v1/cards/<id:card_id>"'

    def grown(key: str) -> float:
        return after[key] - before.get(key, 0)

    assert grown(f'card_service_requests_total{route},status="404"}}') == 2
    assert grown(f'card_service_requests_total{route},status="401"}}') == 1
    assert grown(f"card_service_request_duration_seconds_count{route}}}") == 3
    assert grown(f"card_service_request_duration_seconds_sum{route}}}") > 0


def test_paths_and_methods_of_strangers_make_no_series_of_their_own(service: Service) -> None:
    before = numbers(service.root)
    for i in range(5):
        service.root.get(f"/nothing/{i}")
        service.root.call(f"WORD{i}", "/healthz")
    added = {key for key in numbers(service.root).keys() - before.keys() if key.startswith("card_service_requests")}
    assert added <= {
        'card_service_requests_total{method="GET",route="unmatched",status="404"}',
        'card_service_requests_total{method="OTHER",route="unmatched",status="405"}',
    }


def test_points_are_counted_once_and_replays_apart(service: Service) -> None:
    tenant = service.tenant()
    before = numbers(service.root)
    story = tell(tenant)
    half = [{"categoryId": 1, "amount": 250}, {"categoryId": 2, "amount": 250}]
    again = tenant.billing.post("/internal/cards/reverse-points", {"billId": BILL, "returnId": 1, "items": half})
    refused = tenant.billing.post(
        "/internal/cards/redeem-points", {"cardId": story.card_id, "billId": 5, "points": 1, "billAmount": 5}
    )
    assert (again.headers["Idempotent-Replayed"], refused.status) == ("true", 422)
    after = numbers(service.root)
    grown = {kind: after[f'card_service_points_total{{kind="{kind}"}}'] - before[f'card_service_points_total{{kind="{kind}"}}']
             for kind in ("issued", "redeemed", "reversed", "restored", "adjusted_up", "adjusted_down")}  # fmt: skip
    # 1000.00 less 6.00 paid with points: 2 % and 4 % of 497.00 each, and 0.5 % of both for the referrer.
    assert grown["issued"] == pytest.approx(9.94 + 19.88 + 4.97)
    assert grown["redeemed"] == 60
    assert grown["restored"] == 30
    assert grown["reversed"] == pytest.approx(4.97 + 9.94 + 2.49)
    assert (grown["adjusted_up"], grown["adjusted_down"]) == (100, 0)
    replays = 'card_service_replays_total{operation="billing.reverse_points"}'
    assert after[replays] - before.get(replays, 0) == 1


def test_retries_are_counted_by_cause(service: Service) -> None:
    retries = 'card_service_retries_total{cause="deadlock"}'
    before = numbers(service.root).get(retries, 0)
    service.app.extensions["database"]._on_retry("deadlock")  # noqa: SLF001 - no deadlock can be ordered
    assert numbers(service.root)[retries] == before + 1


def test_the_pool_is_empty_when_nothing_runs(service: Service) -> None:
    service.tenant().admin.get("/cards/1")
    found = numbers(service.root)
    assert found["card_service_pool_connections_in_use"] == 0
    assert found["card_service_pool_connections_max"] > 0


def test_ready_means_reachable_and_migrated(service: Service) -> None:
    ready = service.root.get("/readyz")
    assert (ready.status, ready.json["checks"]) == (200, {"database": "ok", "migrations": "ok"})
    assert service.root.get("/healthz").json == {"status": "ok"}
