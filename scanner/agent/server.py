"""The agent's HTTP server: three calls, for pages of named origins on this machine (docs/scanner.md)."""

import json
import logging
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import BoundedSemaphore
from typing import Any

from scanner.agent.gate import Gate
from scanner.agent.pairing import Pairing, TooManyTries, WrongCode
from scanner.agent.recent import Recent, machine_clock
from scanner.agent.stream import stream
from scanner.event import ScanEvent

ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8765
PROTOCOL = 1
MAX_STREAMS = 4
MAX_CONNECTIONS = 32
"""Of all kinds: a program that opens more is not a till."""
MAX_BODY_BYTES = 1024
REQUEST_SECONDS = 5.0
"""How long a connection may take over its request."""
BUSY_RETRY_SECONDS = 5
LOG = logging.getLogger("scanner.agent")


class AgentServer(ThreadingHTTPServer):
    """Listens on the loopback address; give it scans with `publish`."""

    daemon_threads = True

    def __init__(
        self,
        port: int,
        origins: Iterable[str],
        pairing: Pairing,
        source: str,
        clock: Callable[[], float] = machine_clock,
    ) -> None:
        """Bind the port (0: any free one), which raises `OSError` when another program has it. `source` is for /health."""
        self.recent = Recent(clock)
        self.pairing = pairing
        self.source = source
        self.streams = BoundedSemaphore(MAX_STREAMS)
        self._connections = BoundedSemaphore(MAX_CONNECTIONS)
        super().__init__((ADDRESS, port), _Request)
        self.port: int = self.server_address[1]
        self.gate = Gate(self.port, origins)

    def server_bind(self) -> None:
        """Bind, without asking the name service what this address is called, as the base class does: it may not answer."""
        TCPServer.server_bind(self)

    def publish(self, event: ScanEvent) -> None:
        """Hand a scan to every page that is connected, or connects again within five seconds."""
        self.recent.publish(event)
        LOG.info("scan %s %s", masked(event.number), event.symbology)

    def stop(self) -> None:
        """End the streams and stop listening; `serve_forever` must run in another thread."""
        self.recent.close()
        self.shutdown()
        self.server_close()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Take a connection only while there is room; it is given back in `process_request_thread`."""
        del request, client_address
        return self._connections.acquire(blocking=False)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.release()


class _Refused(Exception):
    """A request that is not served: what is answered instead."""

    def __init__(self, status: HTTPStatus, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        """Take the answer; `detail` is a sentence for whoever wrote or uses the page."""
        super().__init__(detail)
        self.status = status
        self.body = {"code": code, "detail": detail}
        self.headers = headers or {}


class _Request(BaseHTTPRequestHandler):
    """One connection with one request."""

    server: AgentServer
    protocol_version = "HTTP/1.1"
    timeout = REQUEST_SECONDS
    origin: str | None = None
    """The page that calls, once it is known to be allowed."""

    def handle(self) -> None:
        """Answer; a page that hangs up or does not read ends only its own connection."""
        with suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        """Answer a call, or say why not."""
        self.close_connection = True
        try:
            self._route()
        except _Refused as refused:
            self._answer(refused.status, refused.body, refused.headers)

    def do_POST(self) -> None:
        """Answer the same way."""
        self.do_GET()

    def do_OPTIONS(self) -> None:
        """Answer the same way."""
        self.do_GET()

    def _route(self) -> None:
        """Ask who calls before anything else, and only then what for."""
        gate = self.server.gate
        if not gate.host_allowed(self.headers):
            raise _Refused(HTTPStatus.FORBIDDEN, "FOREIGN_HOST", "this server answers to 127.0.0.1 and localhost only")
        self.origin = gate.origin_of(self.headers)
        if self.origin is None and ("Origin" in self.headers or self.path != "/health"):
            LOG.warning("refused a page of another origin; if it is your till, name it with --origin")
            raise _Refused(HTTPStatus.FORBIDDEN, "FOREIGN_ORIGIN", "start the agent with --origin and this page's origin")
        calls = {"/health": ("GET", self._health), "/pair": ("POST", self._pair), "/events": ("GET", self._events)}
        if self.path not in calls:
            raise _Refused(HTTPStatus.NOT_FOUND, "NOT_FOUND", f"there is only {', '.join(calls)}")
        method, call = calls[self.path]
        if self.command == "OPTIONS":
            self._answer(HTTPStatus.NO_CONTENT, None, gate.preflight_headers(self.headers))
        elif self.command != method:
            allow = {"Allow": f"{method}, OPTIONS"}
            raise _Refused(HTTPStatus.METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", f"call this with {method}", allow)
        else:
            call()

    def _health(self) -> None:
        about = {"source": self.server.source, "paired": self.server.pairing.paired}
        self._answer(HTTPStatus.OK, {"name": "scanner-agent", "protocol": PROTOCOL} | about)

    def _pair(self) -> None:
        code, origin = self._code(), str(self.origin)
        try:
            token = self.server.pairing.redeem(code, origin)
        except WrongCode as wrong:
            LOG.warning("a page of %s sent a wrong pairing code", origin)
            raise _Refused(HTTPStatus.FORBIDDEN, "WRONG_CODE", str(wrong)) from wrong
        except TooManyTries as many:
            headers = {"Retry-After": str(many.retry_after)}
            raise _Refused(HTTPStatus.TOO_MANY_REQUESTS, "TOO_MANY_TRIES", str(many), headers) from many
        except OSError as problem:
            LOG.exception("the pairing could not be kept")
            detail = f"the scanner's folder cannot be written ({problem.strerror}); see docs/scanner.md"
            raise _Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "NOT_KEPT", detail) from problem
        LOG.info("a page of %s was paired", origin)
        self._answer(HTTPStatus.CREATED, {"token": token})

    def _code(self) -> str:
        """Return the code in the body."""
        # JSON only: a form of another site can send text without asking first, but not this.
        if self.headers.get_content_type() != "application/json":
            raise _Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "send application/json")
        length = self.headers.get("Content-Length", "")
        if re.fullmatch("[0-9]{1,10}", length) is None:
            raise _Refused(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", "send a Content-Length")
        if int(length) > MAX_BODY_BYTES:
            raise _Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "BODY_TOO_LARGE", "a code is six digits")
        try:
            code = json.loads(self.rfile.read(int(length)))["code"]
        except (ValueError, TypeError, KeyError, RecursionError):
            code = None
        if not isinstance(code, str) or re.fullmatch("[0-9]{6}", code) is None:
            raise _Refused(HTTPStatus.BAD_REQUEST, "BAD_REQUEST", 'send {"code": "..."} with the six digits')
        return code

    def _events(self) -> None:
        origin, (scheme, _, token) = str(self.origin), self.headers.get("Authorization", "").partition(" ")
        is_paired = partial(self.server.pairing.knows, token.strip(), origin)
        if scheme.lower() != "bearer" or not is_paired():
            headers = {"WWW-Authenticate": "Bearer"}
            raise _Refused(HTTPStatus.UNAUTHORIZED, "NOT_PAIRED", "pair this page with the code of the scanner", headers)
        if not self.server.streams.acquire(blocking=False):
            headers = {"Retry-After": str(BUSY_RETRY_SECONDS)}
            detail = "too many pages listen to the scanner; close the tabs that are not used"
            raise _Refused(HTTPStatus.SERVICE_UNAVAILABLE, "TOO_MANY_PAGES", detail, headers)
        LOG.info("a page of %s listens", origin)
        try:
            self._begin(HTTPStatus.OK, {"Content-Type": "text/event-stream; charset=utf-8"})
            stream(self.server.recent, self.headers.get("Last-Event-ID"), self.connection, self.wfile.write, is_paired)
        finally:
            self.server.streams.release()
            LOG.info("a page of %s went", origin)

    def _answer(self, status: HTTPStatus, body: dict[str, Any] | None, headers: dict[str, str] | None = None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        about = {} if body is None else {"Content-Type": "application/json", "Content-Length": str(len(content))}
        self._begin(status, about | (headers or {}))
        self.wfile.write(content)

    def _begin(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        """Send everything before the body; the connection ends with the answer, so a stream needs no length."""
        self.send_response(status)
        fixed = {"Cache-Control": "no-store", "Connection": "close", "X-Content-Type-Options": "nosniff"}
        for name, value in (fixed | self.server.gate.answer_headers(self.origin) | headers).items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no HTTP, or a method that nobody knows; what came is not repeated, in the answer or in a log."""
        del message, explain
        self.close_connection = True
        status = HTTPStatus.METHOD_NOT_ALLOWED if code == HTTPStatus.NOT_IMPLEMENTED else HTTPStatus.BAD_REQUEST
        self._answer(status, {"code": status.name, "detail": "this is no call of a page; see docs/scanner.md"})

    def version_string(self) -> str:
        """Name the program, and not the Python below it."""
        return "scanner-agent"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Log nothing of what a caller wrote: what is worth a line is logged where it happens."""


def masked(number: str) -> str:
    """Return a card number for a log: its last four characters, and nothing of one that is hardly longer."""
    return "*" * 12 + (number[-4:] if len(number) >= 8 else "")  # noqa: PLR2004 - at least as many hidden as shown
