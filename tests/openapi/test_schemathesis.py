"""Schemathesis calls every operation with what the document allows and what it does not."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from schemathesis.engine import Status, events, from_schema

from tests.openapi.fuzz import Shop, in_the_shop, read_schema
from tests.openapi.serve import served
from tests.openapi.test_document import OPERATIONS
from tests.servers.databases import PrivateDatabase
from tests.servers.service import start_service

EFFORT: dict[str, dict[str, Any]] = {
    "sqlite": {"examples": 2, "steps": 5, "coverage": True},
    "mariadb": {"examples": 1, "steps": 3, "coverage": False},
}
"""MariaDB is asked little: the same code answers."""
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
    "object_level_authorization",
    "only_house_rules",
)


@pytest.fixture
def shop(database: PrivateDatabase) -> Iterator[Shop]:
    """Open a pharmacy whose service lets the checks of authentication fail as often as they like."""
    service = start_service(database, failed_auth_limit="1000000 per minute")
    with served(service.app) as home:
        yield Shop.open(service, home)


def test_every_operation_is_as_documented(shop: Shop, database: PrivateDatabase) -> None:
    schema = read_schema(shop, **EFFORT[database.kind])
    found: dict[tuple[str, str], str] = {}
    passed: Counter[str] = Counter()
    called = set()
    with in_the_shop(shop):
        for event in from_schema(schema).execute():
            if isinstance(event, events.NonFatalError):
                found[event.label, "error"] = str(event.info.format())
            elif isinstance(event, events.FatalError):
                raise event.exception
            elif isinstance(event, events.ScenarioFinished):
                for case_id, checks in event.recorder.checks.items():
                    for check in checks:
                        if check.status == Status.SUCCESS:
                            passed[check.name] += 1
                        elif check.failure_info is not None:
                            failure = check.failure_info
                            title = (event.recorder.cases[case_id].value.operation.label, check.name)
                            found.setdefault(title, f"{failure.failure.message}\n{failure.code_sample}")
                called |= {(event.phase.value, node.value.operation.label) for node in event.recorder.cases.values()}
    assert not found, "\n\n".join(f"{' '.join(title)}\n{text}" for title, text in found.items())
    everything = {f"{method} {path}" for method, path, _ in OPERATIONS.values()}
    assert {label for phase, label in called if phase == "fuzzing"} == everything
    assert {label for phase, label in called if phase == "stateful"}
    assert set(CHECKS) <= set(passed), "a check never ran"
