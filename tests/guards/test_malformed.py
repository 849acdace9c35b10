"""No body makes an error of the server, every refusal is one of the document's, and none of them writes anything."""

import json
import re
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.guards import corpus
from tests.guards.pharmacy import Body, Pharmacy, differences, fill, state
from tests.guards.surface import BASE, BATCH, Route, route, routes
from tests.guards.wrong_values import Turns, is_plain, leaves, wrong_values
from tests.patience import PATIENCE_SECONDS
from tests.servers.clients import Answer
from tests.servers.processes import LiveServer
from tests.servers.service import Service

PROBLEM = "application/problem+json"
PLACE = "<<here>>"
before_the_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What is refused by reading alone is refused alike on every database."""


@pytest.fixture
def pharmacy(service: Service) -> Pharmacy:
    return fill(service)


@before_the_database
def test_what_is_no_body_is_refused_everywhere(service: Service, pharmacy: Pharmacy) -> None:
    documented = _codes(service)
    for turn, one in enumerate(_mutating(service)):
        url, client, before = one.own_url(pharmacy), pharmacy.client(*one.row.roles), state(service.database, pharmacy.tenant.id)
        # The routes share one reader: each gets every second case, in turns, so that every case meets half of them.
        cases = list(corpus.broken(one.row.body(pharmacy) if one.row.body else {}))[turn % 2 :: 2]
        assert len(cases) >= 60
        for name, broken in cases:
            answer = client.call(one.method, url, broken.body, broken.headers)
            _assert_refused(one, name, answer, broken.statuses, documented)
        assert not differences(before, state(service.database, pharmacy.tenant.id)), one.name


@before_the_database
def test_what_is_no_value_is_refused_in_every_field(service: Service, pharmacy: Pharmacy) -> None:
    documented = _codes(service)
    tried = 0
    for one in _mutating(service):
        if one.takes is None or one.name == BATCH:
            continue
        url, client, before = one.own_url(pharmacy), pharmacy.client(*one.row.roles), state(service.database, pharmacy.tenant.id)
        values = Turns(field for _, field in leaves(one.takes))
        for path, field in leaves(one.takes):
            body = _with_a_place(one, pharmacy, path)
            for value in values.of(field):
                sent = body.replace(json.dumps(PLACE), value)
                answer = client.call(one.method, url, sent.encode())
                _assert_refused(one, (".".join(path), value), answer, frozenset({400, 422}), documented)
                tried += 1
        assert not differences(before, state(service.database, pharmacy.tenant.id)), one.name
    assert tried > 900


def test_what_is_no_bill_is_refused_in_a_batch(service: Service, pharmacy: Pharmacy) -> None:
    """The route answers each bill by itself: what earn-points refuses, it refuses inside."""
    before = state(service.database, pharmacy.tenant.id)
    earn, batch = route(service.app, "POST /internal/cards/earn-points"), route(service.app, BATCH)
    for path, field in leaves(earn.takes):
        body = _with_a_place(earn, pharmacy, path)
        bills = [body.replace(json.dumps(PLACE), value) for value in wrong_values(field) if is_plain(value)]
        for start in range(0, len(bills), 50):
            sent = '{"items":[' + ",".join(bills[start : start + 50]) + "]}"
            answer = pharmacy.tenant.billing.post(batch.path, sent.encode())
            assert answer.status == 200, (path, answer.text)
            items = answer.json["items"]
            assert len(items) == len(bills[start : start + 50])
            assert {(item["status"], item["answer"]) for item in items} == {(422, None)}, (path, answer.text)
    for items in ([], [1], [None], ["x"], [[]], None, {}, "x", [{}] * 101):
        answer = pharmacy.tenant.billing.post(batch.path, {"items": items})
        assert (answer.status, answer.json["code"]) == (422, "VALIDATION_FAILED"), items
    assert not differences(before, state(service.database, pharmacy.tenant.id))


def test_a_body_that_must_not_be_empty_is_refused_when_it_is(service: Service, pharmacy: Pharmacy) -> None:
    before = state(service.database, pharmacy.tenant.id)
    seen = set()
    for one in _mutating(service):
        if one.takes is None or not any(field.required for field in one.takes.fields.values()):
            continue
        seen.add(one.name)
        for body in (None, b"", b"{}", b" {} "):
            answer = pharmacy.client(*one.row.roles).call(one.method, one.own_url(pharmacy), body)
            assert (answer.status, answer.json["code"]) == (422, "VALIDATION_FAILED"), (one.name, body, answer.text)
    assert len(seen) >= 11
    assert not differences(before, state(service.database, pharmacy.tenant.id))


def test_the_largest_and_the_least_that_a_field_takes_make_no_error_of_the_server(service: Service, pharmacy: Pharmacy) -> None:
    """Nothing is wrong with these bodies; what they ask for may not fit, which is a refusal too."""
    documented = _codes(service)
    most, client = "9999999999.99", pharmacy.tenant.billing
    lines = [{"categoryId": 2**63 - 1 - number, "amount": most} for number in range(500)]
    _must(pharmacy.tenant.admin.post("/card-config/categories", {"categoryId": 9, "categoryName": "All", "pointPercentage": 100}))
    for name, body in (
        ("calculate", {"billId": 2**63 - 1, "items": lines}),
        ("calculate", {"items": lines, "points": most, "cardId": pharmacy.ints["card"]}),
        ("calculate", {"items": lines[:1], "redeemAmount": most, "cardId": pharmacy.ints["card"], "flatDiscount": most}),
        (
            "calculate",
            {"items": [{"categoryId": 9, "amount": 0}], "flatDiscount": 0, "points": 0, "cardId": pharmacy.ints["card"]},
        ),
        ("earn-points", {"billAmount": most, "items": [{"categoryId": 9, "amount": most}]}),
        ("earn-points", {"billAmount": most, "items": lines}),
        ("earn-points", {"billAmount": "0.01", "items": lines}),
        ("earn-points", {"billAmount": 0, "items": [{"categoryId": 9, "amount": 0}]}),
        ("redeem-points", {"billAmount": most, "points": most}),
        ("redeem-points", {"billAmount": most, "redeemAmount": most, "items": lines}),
        ("redeem-points", {"billAmount": 0, "points": "0.01"}),
        ("reverse-points", {"reason": "\U0001f600" * 500}),
        ("reverse-points", {"returnId": 2**63 - 1, "items": [{"categoryId": 2**63 - 1, "amount": most}]}),
    ):
        called = f"POST /internal/cards/{name}"
        full = {"cardId": pharmacy.ints["card"], "billId": pharmacy.new_bill(), **body} if name != "calculate" else body
        _assert_answered(route(service.app, called), client.post(called.partition(" ")[2], full), documented)
    for points in (most, most, "-" + most, "-" + most, "0.01", "-0.01"):
        url = f"/cards/{pharmacy.ints['card']}/adjust-points"
        answer = pharmacy.tenant.admin.post(url, {"points": points, "reason": "x" * 500, "expiresAt": "9000-12-31"})
        _assert_answered(route(service.app, "POST /cards/{card_id}/adjust-points"), answer, documented)
    for rate in ("0.0001", 100):
        _must(pharmacy.tenant.admin.put("/card-config", {"pointsToAmountRate": rate, "restoreGraceDays": 3650}))
        for asked in ({"points": most}, {"redeemAmount": most}, {"redeemAmount": "0.01"}):
            body = {"cardId": pharmacy.ints["card"], "billId": pharmacy.new_bill(), "billAmount": most, **asked}
            answer = client.post("/internal/cards/redeem-points", body)
            _assert_answered(route(service.app, "POST /internal/cards/redeem-points"), answer, documented)
            assert pharmacy.tenant.cashier.get(f"/cards/{pharmacy.ints['card']}/balance").status == 200


def test_a_body_of_unknown_length_is_read_and_limited(live_server: LiveServer) -> None:
    """Sent in chunks, without a Content-Length: only a real server knows where it ends."""
    tenant = live_server.tenant()
    url = f"{BASE}/card-config/categories"
    body = b'{"categoryId":1,"categoryName":"Tablets","pointPercentage":1}'
    for chunks, status in (
        ([body[:20], body[20:]], 201),
        ([body[:20]], 400),
        ([b"[" * 20_000] * 4, 413),
        ([b"{}"], 422),
        ([], 422),
    ):
        answer = in_chunks(live_server.port, url, tenant.keys["admin"], chunks)
        assert answer == status, (chunks[:1], answer)


def in_chunks(port: int, url: str, key: str, chunks: list[bytes]) -> int:
    """POST a body chunk by chunk, and give the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request("POST", url, body=iter(chunks), headers=headers, encode_chunked=True)
        return connection.getresponse().status
    finally:
        connection.close()


def _mutating(service: Service) -> Iterator[Route]:
    return (one for one in routes(service.app) if one.method in {"POST", "PUT"})


def _assert_refused(
    one: Route, name: object, answer: Answer, statuses: frozenset[int], codes: dict[str, set[tuple[int, str]]]
) -> None:
    assert answer.status in statuses, (one.name, name, answer.status, answer.text)
    _assert_answered(one, answer, codes)


def _assert_answered(one: Route, answer: Answer, codes: dict[str, set[tuple[int, str]]]) -> None:
    if answer.status < 400:
        return
    assert answer.headers["Content-Type"] == PROBLEM, (one.name, answer.text)
    assert (answer.status, answer.json["code"]) in codes[_nameless(one.name)], (one.name, answer.text)
    assert set(answer.json) >= {"type", "title", "status", "detail", "code"}
    assert answer.json["status"] == answer.status


def _codes(service: Service) -> dict[str, set[tuple[int, str]]]:
    """Read the statuses and codes that the OpenAPI document promises for each route."""
    document = json.loads(service.root.get("/openapi.json").text)
    found: dict[str, set[tuple[int, str]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items() if method != "parameters" else ():
                name = answer.get("$ref", "").rpartition("/")[2]
                codes = _enum_of_code(document["components"]["responses"][name] if name else answer)
                found.setdefault(_nameless(f"{method.upper()} {path.removeprefix(BASE)}"), set()).update(
                    (int(status), code) for code in codes
                )
    return found


def _enum_of_code(part: Any) -> list[str]:
    """Find the words that a described answer may carry as its code."""
    if isinstance(part, list):
        return [code for inner in part for code in _enum_of_code(inner)]
    if not isinstance(part, dict):
        return []
    own = part.get("code", {}).get("enum", []) if isinstance(part.get("code"), dict) else []
    return [*own, *(code for inner in part.values() for code in _enum_of_code(inner))]


def _nameless(route_name: str) -> str:
    """Leave out what the parameters of a path are called."""
    return re.sub(r"{\w+}", "{}", route_name)


def _with_a_place(one: Route, pharmacy: Pharmacy, path: tuple[str, ...]) -> str:
    """Write the route's body with a place in one field where any text can be put."""
    body: Body = one.row.body(pharmacy) if one.row.body else {}
    inner = body
    for name in path[:-1]:
        inner = inner[name][0]
    inner[path[-1]] = PLACE
    return json.dumps(body)


def _must(answer: Answer) -> None:
    assert answer.status in {200, 201}, answer.text
