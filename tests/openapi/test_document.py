"""The OpenAPI document is the code's, says everything, and its examples are really answered."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from card_service import app
from tests.guards.surface import PAGES, name_of
from tests.openapi.story import COMMITTED, EXAMPLES, REPLAYED, ROOT, operations, play, read
from tests.servers.commands import assert_books_balance, card_service
from tests.servers.databases import PrivateDatabase, mariadb_database, sqlite_database

NEVER_YET = {("billing_cancel_redemption", "200")}
"""Only a hold can be cancelled, and this version makes none."""
NO_JSON = {"image/png", "image/svg+xml", "text/html"}
"""Pictures and pages, which a document of examples cannot show."""
UNDOCUMENTED = {"/docs", "/docs/static/<path:name>", "/healthz", "/metrics", "/openapi.json", "/readyz"}
DOCUMENT = json.loads(COMMITTED.read_text("utf-8"))
OPERATIONS = operations(DOCUMENT)


def test_the_committed_copy_is_the_codes() -> None:
    assert COMMITTED.read_text("utf-8") == app.openapi_document(), "type: make openapi"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_and_the_service_give_the_same(service: Any) -> None:
    text = COMMITTED.read_text("utf-8")
    answer = service.root.get("/openapi.json")
    assert (answer.status, answer.headers["Content-Type"], answer.text) == (200, "application/json", text)
    done = card_service(None, "openapi")
    assert (done.returncode, done.stdout) == (0, text)


def test_every_route_is_described_and_nothing_else(service: Any) -> None:
    routes = {
        (method, re.sub(r"<(?:\w+:)?\w+>", "{}", rule.rule))
        for rule in service.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD"}
        if rule.rule not in UNDOCUMENTED and name_of(rule, method) not in PAGES
    }
    assert routes == {(method, re.sub(r"{\w+}", "{}", path)) for method, path, _ in OPERATIONS.values()}
    assert DOCUMENT["openapi"].startswith("3.1")


def test_every_code_of_the_contract_is_told() -> None:
    told = set(DOCUMENT["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    table = (ROOT / "docs" / "contract.md").read_text("utf-8").partition("| status | code |")[2].partition("\n\n")[0]
    assert told == set(re.findall(r"`([A-Z_]+)`", table))
    assert len(told) > 25


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_what_every_route_may_answer(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    expected = {"401", "403", "429", "503"}
    expected |= {"400", "413", "415", "422"} if method in {"POST", "PUT"} else set()
    expected |= {"409"} if method == "POST" else set()
    expected |= {"404"} if "{" in path else set()
    assert expected <= operation["responses"].keys()
    assert any(status.startswith("2") for status in operation["responses"])
    assert operation["security"] == [{"bearer": []}]
    assert operation["summary"].endswith(".")
    headers = [parameter["name"] for parameter in operation.get("parameters", ()) if parameter["in"] == "header"]
    assert headers == (["Idempotency-Key"] if method == "POST" else [])
    for status, referred in operation["responses"].items():
        response = _resolve(referred)
        assert ("Idempotent-Replayed" in response["headers"]) == (method == "POST" and status.startswith("2"))
        assert ("Retry-After" in response["headers"]) == (status in {"429", "503"})
        assert ("WWW-Authenticate" in response["headers"]) == (status == "401")
        if not status.startswith("2"):
            said = response["content"]["application/problem+json"]["schema"]["allOf"][0]["properties"]
            assert said["status"]["enum"] == [int(status)]
            assert said["code"]["enum"] == re.findall(r"`(\w+)`", response["description"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_shows_a_request_and_every_success(name: str) -> None:
    method, _, operation = OPERATIONS[name]
    if operation.get("requestBody", {}).get("required"):
        assert operation["requestBody"]["content"]["application/json"]["examples"]
    for status, response in operation["responses"].items():
        if status.startswith("2") and "content" in response and (name, status) not in NEVER_YET:
            for media, content in response["content"].items():
                assert content.get("examples") or media in NO_JSON, (method, status)


def test_every_example_is_as_its_schema_says() -> None:
    checked = 0
    for content in _contents(DOCUMENT):
        schema = {"components": DOCUMENT["components"], **content.get("schema", {})}
        validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for title, example in content.get("examples", {}).items():
            assert [error.message for error in validator.iter_errors(example["value"])] == [], title
            checked += 1
    assert checked > 150


@pytest.fixture(params=["sqlite", "mariadb"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PrivateDatabase]:
    """Give a database of each kind that has no tenant yet, so that ids begin at 1; audited at the end."""
    kind: str = request.param
    made = sqlite_database(tmp_path) if kind == "sqlite" else mariadb_database(request.getfixturevalue("mariadb"), "examples")
    yield made
    assert_books_balance(made)


def test_every_example_is_really_answered(new_database: PrivateDatabase) -> None:
    shown = {
        (name, title, status): example["value"]
        for name, (_, _, operation) in OPERATIONS.items()
        for status, response in operation["responses"].items()
        for content in _resolve(response).get("content", {}).values()
        for title, example in content.get("examples", {}).items()
    }
    steps = read(EXAMPLES)
    played = set()
    for step, answer in play(new_database, steps):
        assert (answer.status, answer.json) == (step["status"], step.get("answer")), (step["operation"], step["name"])
        assert answer.headers.get(REPLAYED) == ("true" if step.get("replayed") else None)
        if answer.json is not None:
            key = (step["operation"], step["name"], str(step["status"]))
            assert shown[key] == json.loads(answer.text), key
            played.add(key)
    assert {key for key in shown if key[2] not in {"400", "401", "403", "415"}} <= played


def _contents(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        for name, inner in part.items():
            if name == "content":
                yield from inner.values()
            else:
                yield from _contents(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _contents(inner)


def _resolve(response: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = response
    if "$ref" in response:
        found = DOCUMENT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    return found
