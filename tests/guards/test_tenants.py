"""Nothing of one pharmacy is shown to, counted for or changed by another, whatever id of it is known.

Made from the application's map of URLs and the schemas of its bodies: every parameter of a path and every field that
could hold an id gets every kind of id of another tenant. What comes back must be what an id of nothing gets.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import Schema, fields
from werkzeug.datastructures import Headers

from card_service.cards.fields import Email, Phone
from card_service.kit.http.fields import Text, Whole
from tests.guards.ids import (
    CODES,
    CURSORS,
    ECHOED,
    IDS,
    INTS,
    NEVER_IDS,
    NO_IDS,
    NUMBERS,
    ONE_OF,
    PEOPLE,
    THE_CALLERS_OWN,
    THINGS,
)
from tests.guards.pharmacy import Body, Pharmacy, differences, fill, state
from tests.guards.surface import INSIDE_DICTS, Route, routes
from tests.servers.clients import Answer
from tests.servers.service import Service

# These give a card the id that they are sent, so that it names something afterwards: they come last.
NAMING = {"POST /cards", "PUT /cards/{card_id}", "POST /cards/{card_id}/replace"}
NO_FORM_OF_AN_ID = (
    "0",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x1",
    "abc",
    "%D9%A1",
    "%EF%BC%91",
    "9223372036854775808",
    "1%20",
    "%00",
    "null",
)
MADE_BY_SERVER = {
    *("id", "tenantId", "cardId", "cardNumber", "customerId", "customerName", "customerPhone", "customerEmail", "categoryId"),
    *("billId", "redemptionId", "referrerCardId", "referralCode", "nextCursor", "categoryPointConfigs", "programId"),
    "campaignId",
}  # fmt: skip
TIERS = {"tierId", "tierIds", "rewardTierId"}
UNKNOWN = 4_611_686_018_427_000_000


@pytest.fixture
def victim(service: Service) -> Pharmacy:
    return fill(service)


@pytest.fixture
def attacker(service: Service) -> Pharmacy:
    return fill(service)


def test_a_foreign_id_in_a_path_is_an_unknown_id(service: Service, victim: Pharmacy, attacker: Pharmacy) -> None:
    before = state(service.database, victim.tenant.id)
    tried = 0
    for route in routes(service.app):
        for parameter in route.parameters:
            rest = {name: attacker.own(route.name, name) for name in route.parameters if name != parameter}
            answers = {}
            for sent in (UNKNOWN, "NOBODY-HAS-THIS", *NO_FORM_OF_AN_ID, *_foreign(victim, attacker, route, parameter)):
                answers[sent] = _call(route, attacker, route.url(**{parameter: sent}, **rest))
                assert answers[sent].status == 404, (route.name, sent, answers[sent].text)
            assert len({_bytes(answer) for answer in answers.values()}) == 1, (route.name, answers)
            right_kind = victim.own(route.name, parameter)
            assert right_kind in answers, f"{route.name} was not called with what it is for"
            own = _call(route, attacker, route.own_url(attacker)) if route.method == "GET" else None
            assert own is None or own.status == 200, f"{route.name} does not even show what is the caller's own"
            tried += len(answers)
        assert not differences(before, state(service.database, victim.tenant.id)), route.name
    assert tried > 22 * 30


def test_a_foreign_id_in_a_body_is_an_unknown_id(service: Service, victim: Pharmacy) -> None:
    """Two pharmacies do the same, the one with ids of a third, the other with ids of nothing: they get the same."""
    thief, guesser = fill(service), fill(service)
    before = state(service.database, victim.tenant.id)
    secrets = _secrets(victim)
    tried = set()
    for route in sorted(routes(service.app), key=lambda one: one.name in NAMING):
        if route.takes is None:
            continue
        for path in _id_fields(route.takes, INSIDE_DICTS.get(route.name)):
            for kind, foreign, unknown in _pairs(victim, path[-1], _owned(thief, path[-1])):
                pair = [_sent(route, pharmacy, path, value) for pharmacy, value in ((thief, foreign), (guesser, unknown))]
                where = (route.name, ".".join(path), kind, foreign)
                if path[-1] in ECHOED and pair[0].status >= 400:
                    pair = [_without(answer, value) for answer, value in zip(pair, (foreign, unknown), strict=True)]
                assert _alike(*pair), (where, [answer.text for answer in pair])
                shown = pair[0].text.replace(str(foreign), "")
                assert not [secret for secret in secrets if secret in shown], (where, pair[0].text)
                tried.add((route.name, path[-1]))
                if route.name in NAMING:
                    secrets = [secret for secret in secrets if secret != str(foreign)]
        assert not differences(before, state(service.database, victim.tenant.id)), route.name
    assert {("POST /cards/{card_id}/merge", "sourceCardId"), ("POST /internal/cards/reverse-points", "billId")} <= tried
    assert {field for _, field in tried} == IDS


def test_a_foreign_id_in_a_query_finds_nothing(service: Service, victim: Pharmacy, attacker: Pharmacy) -> None:
    before, secrets = state(service.database, victim.tenant.id), _secrets(victim)
    seen = set()
    for route in routes(service.app):
        if route.query is None:
            continue
        names = _classified(route.query)
        seen |= names
        for name in sorted(names):
            for kind, foreign, unknown in _pairs(victim, name, frozenset()):
                pair = [_call(route, attacker, f"{route.own_url(attacker)}?{name}={value}") for value in (foreign, unknown)]
                if name in CURSORS:
                    # A cursor is a place in a list, not a thing: what follows it is the caller's own or nothing.
                    assert not [secret for secret in secrets if secret in pair[0].text], (route.name, kind, pair[0].text)
                    assert pair[0].status in {200, 422}, (route.name, kind, pair[0].text)
                else:
                    assert _bytes(pair[0]) == _bytes(pair[1]), (route.name, name, kind)
                    assert pair[0].json == {"items": [], "nextCursor": None}, (route.name, name, kind)
    assert seen == {"cursor", "billId"}
    assert not differences(before, state(service.database, victim.tenant.id))


def test_an_idempotency_key_of_another_tenant_replays_nothing(service: Service, victim: Pharmacy, attacker: Pharmacy) -> None:
    for route in routes(service.app):
        if route.method != "POST":
            continue
        headers = {"Idempotency-Key": f"same-{route.name.split('/')[-1]}"}
        first = _call(route, victim, route.own_url(victim), headers)
        before = state(service.database, victim.tenant.id)
        second = _call(route, attacker, route.own_url(attacker), headers)
        assert "Idempotent-Replayed" not in second.headers, (route.name, second.text)
        assert (second.status, _masked(second)) == (first.status, _masked(first)), (route.name, first.text, second.text)
        assert not differences(before, state(service.database, victim.tenant.id)), route.name


def _foreign(victim: Pharmacy, attacker: Pharmacy, route: Route, parameter: str) -> Iterator[int | str]:
    """Everything that names something of the victim, but for a number that happens to name the attacker's own thing."""
    several = {"card_id": _cards(attacker), "program_id": {attacker.ints["program"], attacker.ints["running program"]}}
    own = several.get(parameter, {attacker.own(route.name, parameter)})
    yield from (value for value in victim.ints.values() if value not in own)
    yield from victim.numbers.values()


def _owned(pharmacy: Pharmacy, name: str) -> frozenset[int]:
    """Give the numbers that name a thing of the pharmacy's own in a field of this name, also what calls of the test made."""
    tiers = pharmacy.tenant.admin.get("/tiers").json["items"] if name in TIERS else []
    return _cards(pharmacy) | {tier["id"] for tier in tiers}


def _cards(pharmacy: Pharmacy) -> frozenset[int]:
    made = pharmacy.tenant.admin.get("/cards", limit=100).json
    assert made["nextCursor"] is None
    known = {pharmacy.ints[kind] for kind in pharmacy.numbers if kind in pharmacy.ints}
    return frozenset(known | {card["id"] for card in made["items"]})


def _pairs(victim: Pharmacy, name: str, own: frozenset[int]) -> Iterator[tuple[str, Any, Any]]:
    """Give kind, foreign value and unknown value of every id of the victim that a field could take."""
    if name in THE_CALLERS_OWN:
        found: dict[str, Any] = {kind: victim.ints[kind] for kind in THE_CALLERS_OWN[name]}
    elif name in INTS:
        found = victim.ints
    elif name in NUMBERS:
        found = victim.numbers
    elif name in CODES:
        found = {"referral code": victim.numbers["referral code"]}
    elif name in CURSORS:
        found = victim.cursors
    else:
        found = {PEOPLE[name]: victim.person[PEOPLE[name]]}
    for number, (kind, foreign) in enumerate(found.items()):
        if foreign in own:
            continue
        if name in CURSORS:
            yield kind, foreign, foreign
        elif name in INTS:
            yield kind, foreign, UNKNOWN + foreign
        else:
            people = {"name": "Unknown Person", "phone": f"+35{number}8012345", "email": f"unknown{number}@example.org"}
            yield kind, foreign, people.get(kind, f"UNKNOWN-{number}")


def _classified(schema: Schema) -> set[str]:
    """Give the fields that could hold an id; fails at a field that nobody has judged yet."""
    found = set()
    for one in schema.fields.values():
        name = one.data_key or ""
        if isinstance(one, (Whole, Text)):
            assert name in IDS | NO_IDS, f"{type(schema).__name__}.{name} is new: is it an id? Say so in tests/guards/ids.py"
            assert not isinstance(one, (Phone, Email)) or name in PEOPLE
            found |= {name} & IDS - ({"name"} if type(schema).__name__ in THINGS else set())
        else:
            assert isinstance(one, (*NEVER_IDS, fields.List)), f"{type(schema).__name__}.{name} is of a new kind"
    return found


def _id_fields(schema: Schema, inside: type[Schema] | None) -> Iterator[tuple[str, ...]]:
    for name in sorted(_classified(schema)):
        yield (name,)
    for one in schema.fields.values():
        if isinstance(one, fields.List) and isinstance(one.inner, (Whole, Text)):
            assert one.data_key in IDS | NO_IDS, f"{type(schema).__name__}.{one.data_key} is new: is it a list of ids?"
            yield from ((name,) for name in {str(one.data_key)} & IDS)
        elif isinstance(one, fields.List) and not isinstance(one.inner, NEVER_IDS):
            nested = one.inner.schema if isinstance(one.inner, fields.Nested) else inside and inside()
            assert isinstance(nested, Schema), f"{type(schema).__name__}.{one.data_key} holds what nobody has described"
            yield from ((str(one.data_key), *path) for path in _id_fields(nested, None))


def _sent(route: Route, pharmacy: Pharmacy, path: tuple[str, ...], value: Any) -> Answer:
    assert route.row.body is not None, f"{route.name} takes fields: give it a body in tests/guards/surface.py"
    body = inner = route.row.body(pharmacy)
    for name in path[:-1]:
        inner = inner[name][0]
    for names in ONE_OF:
        if path[-1] in names and not (names & {"phone"} and "/search" not in route.path):
            for name in names:
                inner.pop(name, None)
    inner[path[-1]] = [value] if isinstance(inner.get(path[-1]), list) else value
    if path == ("cursor",):
        body |= {"phone": pharmacy.person["phone"]}
    return _call(route, pharmacy, route.own_url(pharmacy), body=body)


def _call(route: Route, pharmacy: Pharmacy, url: str, headers: dict[str, str] | None = None, body: Body | None = None) -> Answer:
    if body is None and route.row.body is not None:
        body = route.row.body(pharmacy)
    return pharmacy.client(*route.row.roles).call(route.method, url, body, headers)


def _bytes(answer: Answer) -> tuple[Any, ...]:
    headers = sorted((name, value) for name, value in answer.headers.items() if name != "X-Request-Id")
    return answer.status, answer.text, tuple(headers)


def _alike(first: Answer, second: Answer) -> bool:
    """Refusals are the same bytes; answers differ in ids only."""
    if first.status >= 400 or second.status >= 400:
        return _bytes(first) == _bytes(second)
    return first.status == second.status and _masked(first) == _masked(second)


def _without(answer: Answer, sent: object) -> Answer:
    text = re.sub(rf"\b(category|card) {sent}\b", r"\1", answer.text)
    return Answer(answer.status, Headers({**answer.headers, "Content-Length": len(text)}), text)


def _masked(answer: Answer) -> Any:
    def mask(value: Any, name: str = "") -> Any:
        if name in MADE_BY_SERVER and value is not None:
            return "*"
        if isinstance(value, dict):
            return {key: mask(inner, key) for key, inner in value.items()}
        return [mask(inner) for inner in value] if isinstance(value, list) else value

    return mask(answer.json)


def _secrets(pharmacy: Pharmacy) -> list[str]:
    """Texts that only this pharmacy has: its numbers, its customer, and its own long ids."""
    longest = [str(value) for value in pharmacy.ints.values() if value >= pharmacy.base]
    return [*pharmacy.numbers.values(), *pharmacy.person.values(), *longest]
