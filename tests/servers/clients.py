"""Clients of the API: the same calls in process (through WSGI) and over the network."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import msgspec
from werkzeug.datastructures import Headers
from werkzeug.test import Client as WsgiClient

from tests.patience import PATIENCE_SECONDS

BASE = "/api/v1"


@dataclass(frozen=True)
class Answer:
    """What came back: the status, the headers (names in any case), the text as sent, and the very bytes of a picture."""

    status: int
    headers: Headers
    text: str
    content: bytes = b""

    @property
    def json(self) -> Any:
        """The body read with exact decimals; None when it is empty, a picture or a page."""
        is_json = self.headers.get("Content-Type", "").endswith("json")
        return json.loads(self.text, parse_float=Decimal) if self.text and is_json else None


Send = Callable[[str, str, Mapping[str, str], bytes], Answer]
"""Method, path with its query, headers and body in; the answer out. Safe in several threads."""

_encode = msgspec.json.Encoder(decimal_format="number").encode


@dataclass(frozen=True)
class Client:
    """Calls paths below `base` with one credential.

    A body is sent as JSON, its decimals as numbers; bytes are sent as they are, None sends none at all.
    """

    send: Send
    authorization: str | None = None
    base: str = BASE

    def get(self, path: str, headers: Mapping[str, str] | None = None, **params: Any) -> Answer:
        """GET, with the query made of `params` that are not None (`from_` asks for `from`)."""
        return self.call("GET", path + _query(params), headers=headers)

    def post(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """POST a body."""
        return self.call("POST", path, body, headers)

    def put(self, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """PUT a body."""
        return self.call("PUT", path, body, headers)

    def delete(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """DELETE."""
        return self.call("DELETE", path, headers=headers)

    def call(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        """Send any method; `headers` win over the client's own."""
        sent = {} if self.authorization is None else {"Authorization": self.authorization}
        if body is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        content = b"" if body is None else body if isinstance(body, bytes) else _encode(body)
        return self.send(method, self.base + path, sent, content)

    def with_authorization(self, authorization: str | None) -> "Client":
        """Return the same client with another Authorization header, or none."""
        return replace(self, authorization=authorization)


@dataclass(frozen=True)
class Tenant:
    """A pharmacy made for one test, with a client for each role and the keys they use."""

    id: int
    name: str
    admin: Client
    cashier: Client
    billing: Client
    keys: Mapping[str, str]


def tenant_of(send: Send, tenant_id: int, name: str, keys: Mapping[str, str]) -> Tenant:
    """Give a tenant's keys (by role) to three clients."""
    clients = {role: Client(send, f"Bearer {key}") for role, key in keys.items()}
    return Tenant(tenant_id, name, clients["admin"], clients["cashier"], clients["billing"], keys)


def in_process(app: Any, address: str) -> Send:
    """Send to a WSGI application as if from an IP address."""
    client = WsgiClient(app, use_cookies=False)

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        path, _, query = path.partition("?")
        with client.open(
            path,
            method=method,
            query_string=query,
            headers=list(headers.items()),
            data=body,
            environ_overrides={"REMOTE_ADDR": address},
        ) as response:
            return _answer(response.status_code, response.headers, response.get_data())

    return send


def over_network(port: int) -> Send:
    """Send to a server on this machine, a connection for each call."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body=body or None, headers=dict(headers))
            response = connection.getresponse()
            return _answer(response.status, Headers(response.getheaders()), response.read())
        finally:
            connection.close()

    return send


def _answer(status: int, headers: Headers, content: bytes) -> Answer:
    return Answer(status, headers, content.decode(errors="backslashreplace"), content)


def _query(params: Mapping[str, Any]) -> str:
    pairs = [(name.rstrip("_"), _text(value)) for name, value in params.items() if value is not None]
    return "?" + urlencode(pairs) if pairs else ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
