"""Every route with every credential: what the contract's table of roles says, and in which order a request is judged."""

import base64
import json
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.test import Client as WsgiClient

from card_service.cli import main
from tests.guards.signing import AUDIENCE, HMAC, ISSUER, KEYS, claims, signed
from tests.guards.surface import BASE, MUTATING, PAGES, PUBLIC, ROUTES, Route, name_of, routes
from tests.servers.clients import Tenant
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service, new_address, start_service

ROLES = ("admin", "cashier", "billing")
NOT_JSON = b'{"points": nonsense'
NOBODY = 4_611_686_018_427_000_001


@pytest.fixture(scope="session")
def guarded(database: PrivateDatabase) -> Service:
    """Give the service with keys for tokens, and no limit on wrong credentials."""
    no_limit = "1000000 per minute"
    return start_service(database, jwt_keys=KEYS, jwt_issuer=ISSUER, jwt_audience=AUDIENCE, failed_auth_limit=no_limit)


@pytest.fixture
def tenant(guarded: Service) -> Tenant:
    guarded.clock.reset()
    return guarded.tenant()


def test_the_table_names_every_route_and_nothing_else(guarded: Service) -> None:
    assert {route.name for route in routes(guarded.app)} == set(ROUTES)
    found = {name_of(rule, method) for rule in guarded.app.url_map.iter_rules() for method in rule.methods}
    assert {name for name in found if name.split()[0] not in {"HEAD", "OPTIONS"}} == PUBLIC | set(PAGES) | set(ROUTES)


def test_every_page_says_who_may_open_it(guarded: Service) -> None:
    pages = {
        name_of(rule, method): guarded.app.view_functions[rule.endpoint]
        for rule in guarded.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if name_of(rule, method) in PAGES
    }
    assert {name: set(getattr(view, "roles", {"undeclared"})) for name, view in pages.items()} == {
        name: set(roles) for name, roles in PAGES.items()
    }


def test_what_is_public_needs_no_credential(guarded: Service) -> None:
    for name in PUBLIC:
        answer = guarded.root.get(name.removeprefix("GET ").replace("{name}", "docs.css"))
        assert answer.status == 200, (name, answer.text)


def test_each_role_may_do_its_own_and_nothing_else(guarded: Service, tenant: Tenant) -> None:
    for route in routes(guarded.app):
        path, body = _to_nobody(route)
        for role in ROLES:
            token = signed(claims(guarded.clock.now, tenant.id, role), HMAC)
            for credential in (tenant.keys[role], token):
                answer = tenant.admin.with_authorization(f"Bearer {credential}").call(route.method, path, body)
                expected = _judged(route) if role in route.row.roles else {403}
                assert answer.status in expected, (route.name, role, answer.status, answer.text)
                if role not in route.row.roles:
                    assert answer.json["code"] == "FORBIDDEN", (route.name, role)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_valid_credential_nothing_is_judged(guarded: Service, tenant: Tenant) -> None:
    sent = dict(_invalid(guarded, tenant))
    bodies = set()
    for route in routes(guarded.app):
        path, _ = _to_nobody(route)
        for name, headers in sent.items():
            answer = guarded.anonymous.call(route.method, path, NOT_JSON if route.method != "GET" else None, headers)
            assert (answer.status, answer.json["code"]) == (401, "UNAUTHENTICATED"), (route.name, name, answer.text)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            bodies.add(answer.text)
    assert len(bodies) == 1, "an answer says why the credential is not valid"
    assert len(sent) >= 20


def test_two_authorization_headers_are_none(guarded: Service, tenant: Tenant) -> None:
    for second in (tenant.keys["admin"], tenant.keys["billing"], ""):
        headers = [("Authorization", f"Bearer {tenant.keys['admin']}"), ("Authorization", f"Bearer {second}")]
        answer = WsgiClient(guarded.app).get(f"{BASE}/cards", headers=headers, environ_overrides={"REMOTE_ADDR": new_address()})
        assert answer.status_code == 401, second


def test_the_caller_is_judged_first_then_the_role_then_the_body_then_the_ids(guarded: Service, tenant: Tenant) -> None:
    for route in routes(guarded.app):
        path, _ = _to_nobody(route)
        if route.method not in {"POST", "PUT"}:
            continue
        for body, content, expected in (
            (NOT_JSON, "application/json", 400),
            (b"{}", "text/plain", 415),
            (b" " * (64 * 1024 + 1), "application/json", 413),
            (b'{"nobodyKnowsThis": 1}', "application/json", 422),
        ):
            seen = []
            for authorization in _by_rank(route, tenant):
                headers = {"Content-Type": content}
                client = tenant.admin.with_authorization(authorization)
                seen.append(client.call(route.method, path, body, headers).status)
            wrong_role = [403] if len(route.row.roles) < len(ROLES) else []
            assert seen == [401, *wrong_role, expected], (route.name, content)


def test_a_query_is_judged_after_the_role(guarded: Service, tenant: Tenant) -> None:
    for route in routes(guarded.app):
        if route.query is None:
            continue
        path, _ = _to_nobody(route)
        seen = [
            tenant.admin.with_authorization(authorization).get(path, limit="many").status
            for authorization in _by_rank(route, tenant)
        ]
        assert seen == [401, *([403] if len(route.row.roles) < len(ROLES) else []), 422], route.name


def test_unknown_paths_and_methods_are_refused_in_our_words(guarded: Service, tenant: Tenant) -> None:
    for route in routes(guarded.app):
        path, _ = _to_nobody(route)
        for method in ("PATCH", "TRACE", "OPTIONS", "PROPFIND"):
            answer = tenant.admin.call(method, path)
            assert (answer.status, answer.json["code"]) == (405, "METHOD_NOT_ALLOWED"), (method, route.name)
            assert route.method in answer.headers["Allow"], route.name
        for unknown in (f"{path}/nothing/more", f"/{path}", f"{path}/"):
            if "by-number" in path:
                continue
            answer = tenant.admin.call(route.method, unknown)
            assert (answer.status, answer.headers["Content-Type"]) == (404, "application/problem+json"), (unknown, answer.text)


def test_a_revoked_key_stops_at_once(guarded: Service) -> None:
    tenant = guarded.tenant()
    assert tenant.admin.get("/cards").status == 200
    _revoke(guarded, tenant, "admin")
    assert tenant.admin.get("/cards").status == 401
    assert tenant.billing.get("/cards").status == 200


def _to_nobody(route: Route) -> tuple[str, Any]:
    """Give a path that names nothing and, for what changes something, a body that is refused."""
    return route.url(**dict.fromkeys(route.parameters, NOBODY)), {"nobodyKnowsThis": 1} if route.method in MUTATING else None


def _judged(route: Route) -> set[int]:
    """What such a request gets from someone who may make it: an unknown field comes before an unknown id."""
    if route.method in {"POST", "PUT"}:
        return {422}
    return {404} if route.parameters else {200}


def _by_rank(route: Route, tenant: Tenant) -> Iterator[str | None]:
    """Give nobody, someone of another role, and someone who may."""
    yield None
    yield from [f"Bearer {tenant.keys[role]}" for role in ROLES if role not in route.row.roles][:1]
    yield f"Bearer {tenant.keys[route.row.roles[0]]}"


def _invalid(guarded: Service, tenant: Tenant) -> Iterator[tuple[str, Mapping[str, str]]]:
    revoked, key = guarded.tenant(), tenant.keys["admin"]
    _revoke(guarded, revoked, "admin")
    prefix = key.split("_")[1]
    yield "no header", {}
    for name, value in {
        "empty": "",
        "the scheme alone": "Bearer",
        "the scheme and a space": "Bearer ",
        "the key alone": key,
        "another scheme": f"Token {key}",
        "basic": "Basic " + base64.b64encode(f"admin:{key}".encode()).decode(),
        "basic, the key as user": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
        "digest": f'Digest username="{key}"',
        "two in one header": f"Bearer {key}, Bearer {key}",
        "two keys": f"Bearer {key} {key}",
        "in quotes": f'Bearer "{key}"',
        "a tab": f"Bearer\t{key}",
        "half the key": f"Bearer {key[: len(key) // 2]}",
        "one character more": f"Bearer {key}A",
        "one character less": f"Bearer {key[:-1]}",
        "another case": f"Bearer {key.swapcase()}",
        "the prefix only": f"Bearer csk_{prefix}",
        "another secret": f"Bearer csk_{prefix}_{secrets.token_urlsafe(32)}",
        "an unknown prefix": f"Bearer csk_zzzzzzzzzz_{key.split('_', 2)[2]}",
        "the secret of another tenant": f"Bearer csk_{prefix}_{revoked.keys['billing'].split('_', 2)[2]}",
        "a wildcard": f"Bearer csk_{'%' * 10}_{key.split('_', 2)[2]}",
        "a quote": f"Bearer csk_' OR 1=1 --_{key.split('_', 2)[2]}",
        "not ascii": f"Bearer {key[:-1]}\u00e9",
        "a NUL": f"Bearer {key}\x00",
        "very long": "Bearer " + "a" * 60_000,
        "revoked": f"Bearer {revoked.keys['admin']}",
        "JSON": "Bearer " + json.dumps({"tenant_id": tenant.id, "role": "admin"}),
    }.items():
        yield name, {"Authorization": value}
    yield "in another header", {"X-Api-Key": key, "X-Authorization": f"Bearer {key}"}
    yield "as a cookie", {"Cookie": f"Authorization=Bearer {key}"}


def _revoke(guarded: Service, tenant: Tenant, role: str) -> None:
    prefix = tenant.keys[role].split("_")[1]
    command = ["key", "revoke", "--tenant", str(tenant.id), prefix]
    done = CliRunner().invoke(main, command, env={"CARD_SERVICE_DATABASE_URL": guarded.database.url})
    assert done.exit_code == 0, done.output
