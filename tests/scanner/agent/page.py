"""A page at the counter, as the agent sees it: calls over a socket, and a stream read line by line."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from tests.patience import PATIENCE_SECONDS

TILL = "https://till.example"
"""The one origin that the tests' agents allow."""


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of a call."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The JSON of the body."""
        return json.loads(self.text)


@dataclass(frozen=True)
class Page:
    """Calls the agent on a port, as a page of `origin`, or as a program that sends none."""

    port: int
    origin: str | None = TILL

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Send one request; underscores in the names of headers become dashes."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            answer = self._send(connection, method, path, body, headers)
            return Answer(answer.status, dict(answer.getheaders()), answer.read().decode())
        finally:
            connection.close()

    def pair(self, code: str) -> Answer:
        """Send a code."""
        return self.call("POST", "/pair", {"code": code}, Content_Type="application/json")

    @contextmanager
    def listen(self, token: str, last_id: str | None = None) -> Iterator["Stream"]:
        """Open the stream, read `ready`, and hang up at the end."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        headers = {"Authorization": f"Bearer {token}"} | ({} if last_id is None else {"Last-Event-ID": last_id})
        try:
            answer = self._send(connection, "GET", "/events", None, headers)
            assert answer.status == 200, answer.read()
            stream = Stream(answer)
            stream.ready_id = stream.next("ready")["id"]
            yield stream
        finally:
            connection.close()

    def _send(self, connection: HTTPConnection, method: str, path: str, body: Any, headers: dict[str, str]) -> HTTPResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.origin is not None:
            sent.setdefault("Origin", self.origin)
        connection.request(method, path, None if body is None else json.dumps(body), sent)
        return connection.getresponse()


class Stream:
    """The events of one connection, in order; `ready_id` is the id of the first, `ready`."""

    ready_id: str

    def __init__(self, answer: HTTPResponse) -> None:
        """Read from an answer whose headers were read."""
        self.answer = answer

    def next(self, kind: str = "scan") -> dict[str, str]:
        """Return the fields of the next event, which must be of this kind; comments are passed over."""
        fields: dict[str, str] = {}
        while line := self.answer.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if line == "\n" and fields:
                assert fields["event"] == kind
                return fields
            if name:
                fields[name] = value
        raise EOFError("the agent ended the stream")

    def number(self) -> str:
        """Return the card number of the next scan."""
        number: str = json.loads(self.next()["data"])["number"]
        return number


def raw(port: int, request: bytes) -> bytes:
    """Send bytes as they are and return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))
