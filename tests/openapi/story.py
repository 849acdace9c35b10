"""The examples of the OpenAPI document as one story, played in order against a fresh tenant of a fresh database.

`python -m tests.openapi.story` plays it and writes the answers into card_service/examples.json (`make openapi`). Ids,
card numbers and instants are the same each time: the database is new, the secret is given and the clock stands still.
"""

import json
import logging
import tempfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import msgspec
import structlog
from flask import Flask

from card_service import app
from card_service.cards import issue
from card_service.kit.http.api import build_api
from tests.servers.clients import Answer, Tenant
from tests.servers.databases import PrivateDatabase, sqlite_database
from tests.servers.service import start_service

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "card_service" / "examples.json"
COMMITTED = ROOT / "docs" / "openapi.json"
METHODS = ("get", "put", "post", "delete")
REPLAYED = "Idempotent-Replayed"
Step = dict[str, Any]


def read(path: Path) -> Any:
    """Read JSON with exact decimals."""
    return json.loads(path.read_text("utf-8"), parse_float=Decimal)


def operations(document: Mapping[str, Any]) -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Give method, path and description of each operation by its id."""
    return {
        item[method]["operationId"]: (method.upper(), path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


def play(database: PrivateDatabase, steps: list[Step]) -> Iterator[tuple[Step, Answer]]:
    """Send each request in turn to the service on a database that nobody used yet."""
    service = start_service(database, card_number_secret="the secret of the examples")  # noqa: S106 - of no tenant
    tenant = service.tenant("Sunrise Pharmacy")
    known = operations(json.loads(build_api(Flask("story"), app.BLUEPRINTS, version="").document))
    # Referral codes are secrets, and no two plays would have the same: here they are counted.
    numbers = count(2222222222)
    with patch.object(issue, "new_referral_code", lambda: str(next(numbers))):
        for step in steps:
            method, path, _ = known[step["operation"]]
            yield step, _send(tenant, method, path, step)


def _send(tenant: Tenant, method: str, path: str, step: Step) -> Answer:
    client = tenant.admin.with_authorization(None) if step["role"] is None else getattr(tenant, step["role"])
    for name, value in step.get("path", {}).items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
    assert "{" not in path, f"{step['name']} does not say which"
    path = path.removeprefix(client.base)
    if method == "GET":
        answer: Answer = client.get(path, **step.get("query", {}))
        return answer
    raw = step.get("raw")
    body = raw.encode() if raw is not None else step.get("body")
    sent: Answer = client.call(method, path, body, step.get("headers"))
    return sent


def record() -> None:
    """Write the answers of today into the examples."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    steps = read(EXAMPLES)
    with tempfile.TemporaryDirectory() as folder:
        for step, answer in play(sqlite_database(Path(folder)), steps):
            step["status"] = answer.status
            step.pop("replayed", None)
            step.pop("answer", None)
            if REPLAYED in answer.headers:
                step["replayed"] = True
            if answer.json is not None:
                step["answer"] = answer.json
    encoded = msgspec.json.Encoder(decimal_format="number").encode(steps)
    EXAMPLES.write_bytes(msgspec.json.format(encoded, indent=2) + b"\n")
    COMMITTED.write_text(app.openapi_document(), "utf-8")


if __name__ == "__main__":
    record()
