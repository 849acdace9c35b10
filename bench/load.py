"""A load generator that costs about a thirtieth of a millisecond of CPU per request.

One process, one epoll loop, requests built beforehand, answers parsed only as far as status and length.
It speaks to 127.0.0.1 only and always ends: every run has a number of seconds and may have a number of requests.
"""

import multiprocessing
import resource
import select
import socket
import time
from array import array
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe

HOST = "127.0.0.1"
GRACE_SECONDS = 30.0
"""How long answers still outstanding at the end of a run are waited for."""

FIRST_REFUSAL = 400
"""Answers from this status on count as errors."""

_BLANK = b"\r\n\r\n"
_LENGTH = b"content-length:"
_CHUNK = 65536
_KEPT_FAILURES = 5


@dataclass
class Outcome:
    """What one run saw.

    ``latencies`` are seconds, sorted, of answered requests only. In an open loop they count from the instant the request
    was due, not from when a connection was free, so that a stalled server cannot hide behind requests never sent.
    ``statuses`` counts answers by HTTP status; ``failures`` counts requests that got no answer, by reason.
    """

    seconds: float = 0.0
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    statuses: Counter[int] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)
    reconnects: int = 0
    cpu_seconds: float = 0.0

    @property
    def answered(self) -> int:
        """Number of requests answered, whatever the status."""
        return len(self.latencies)

    @property
    def errors(self) -> int:
        """Requests without an answer, and answers of 400 and above."""
        refused = sum(count for status, count in self.statuses.items() if status >= FIRST_REFUSAL)
        return refused + sum(self.failures.values())

    @property
    def per_second(self) -> float:
        """Answers per second of the run."""
        return self.answered / self.seconds if self.seconds else 0.0

    def percentile(self, percent: float) -> float:
        """Latency in milliseconds below which ``percent`` of the answers lie; 0 when there were none."""
        if not self.latencies:
            return 0.0
        place = min(len(self.latencies) - 1, int(len(self.latencies) * percent / 100))
        return self.latencies[place] * 1000


class _Client:
    """One keep-alive connection: its socket, what it has read of an answer, and when its request was due."""

    __slots__ = ("due", "need", "read", "sock", "status")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.read = b""
        self.need = -1
        self.status = 0
        self.due = 0.0


class Load:
    """One run of requests against a port of this machine.

    ``requests`` are complete HTTP/1.1 requests as bytes; the run ends when they or the seconds are used up.
    With ``rate`` (requests a second) the loop is open, over ``clients`` connections used in turn; without it each client
    sends its next request when it has its answer.
    """

    def __init__(
        self,
        port: int,
        requests: Iterable[bytes],
        *,
        clients: int,
        seconds: float,
        rate: float | None = None,
    ) -> None:
        self._port = port
        self._requests: Iterator[bytes] = iter(requests)
        self._clients = clients
        self._seconds = seconds
        self._rate = rate
        self._epoll = select.epoll()
        self._open: dict[int, _Client] = {}
        self._idle: deque[_Client] = deque()
        self._busy = 0
        self._outcome = Outcome()

    def run(self) -> Outcome:
        """Connect, send, and give back what was seen."""
        for _ in range(self._clients):
            self._idle.append(self._connect())
        cpu = resource.getrusage(resource.RUSAGE_SELF)
        start = time.perf_counter()
        last = self._open_loop(start, self._rate) if self._rate else self._closed_loop(start)
        outcome = self._outcome
        outcome.seconds = last - start
        spent = resource.getrusage(resource.RUSAGE_SELF)
        outcome.cpu_seconds = spent.ru_utime + spent.ru_stime - cpu.ru_utime - cpu.ru_stime
        outcome.latencies = array("d", sorted(outcome.latencies))
        for client in self._open.values():
            client.sock.close()
        self._epoll.close()
        return outcome

    def _closed_loop(self, start: float) -> float:
        deadline = start + self._seconds
        more = True
        while True:
            now = time.perf_counter()
            more = more and now < deadline
            while more and self._idle:
                request = next(self._requests, None)
                if request is None:
                    more = False
                else:
                    self._send(self._idle.popleft(), request, time.perf_counter())
            if not self._busy:
                return time.perf_counter()
            if now > deadline + GRACE_SECONDS:
                return self._give_up(now)
            self._receive(0.5)

    def _open_loop(self, start: float, rate: float) -> float:
        total = int(self._seconds * rate)
        deadline = start + self._seconds + GRACE_SECONDS
        sent = 0
        while True:
            now = time.perf_counter()
            while sent < total and self._idle and (due := start + sent / rate) <= now:
                request = next(self._requests, None)
                if request is None:
                    total = sent
                    break
                self._send(self._idle.popleft(), request, due)
                sent += 1
            if sent == total and not self._busy:
                return time.perf_counter()
            if now > deadline:
                self._outcome.failures["never sent"] += total - sent
                return self._give_up(now)
            wait = start + sent / rate - time.perf_counter() if sent < total and self._idle else 0.5
            self._receive(max(0.0, wait))

    def _connect(self) -> _Client:
        sock = socket.create_connection((HOST, self._port), timeout=5)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client = _Client(sock)
        self._open[sock.fileno()] = client
        self._epoll.register(sock.fileno(), select.EPOLLIN)
        return client

    def _send(self, client: _Client, request: bytes, due: float) -> None:
        client.due = due
        client.need = -1
        client.read = b""
        self._busy += 1
        try:
            client.sock.send(request)
        except OSError as error:
            self._lost(client, type(error).__name__)

    def _receive(self, wait: float) -> None:
        for number, _ in self._epoll.poll(wait):
            client = self._open.get(number)
            if client is None:
                continue
            try:
                data = client.sock.recv(_CHUNK)
            except OSError as error:
                self._lost(client, type(error).__name__)
                continue
            if not data:
                self._lost(client, "closed")
                continue
            client.read = client.read + data if client.read else data
            self._parse(client)

    def _parse(self, client: _Client) -> None:
        if client.need < 0:
            end = client.read.find(_BLANK)
            if end < 0:
                return
            head = client.read[:end].lower()
            client.status = int(head[9:12])
            place = head.find(_LENGTH)
            length = int(head[place + len(_LENGTH) :].split(b"\r\n", 1)[0]) if place >= 0 else 0
            client.need = end + len(_BLANK) + length
        if len(client.read) >= client.need:
            self._answered(client)

    def _answered(self, client: _Client) -> None:
        outcome = self._outcome
        outcome.latencies.append(time.perf_counter() - client.due)
        outcome.statuses[client.status] += 1
        if client.status >= FIRST_REFUSAL and len(outcome.samples) < _KEPT_FAILURES:
            outcome.samples.append(client.read.decode(errors="replace"))
        self._busy -= 1
        client.due = 0.0
        if b"connection: close" in client.read[:1000].lower():
            self._close(client)
            self._replace()
        else:
            self._idle.append(client)

    def _lost(self, client: _Client, reason: str) -> None:
        """Count a request that got no answer; a connection closed while idle is only opened again."""
        if client.due:
            self._outcome.failures[reason] += 1
            self._busy -= 1
        else:
            self._idle.remove(client)
        self._close(client)
        self._replace()

    def _close(self, client: _Client) -> None:
        del self._open[client.sock.fileno()]
        client.sock.close()

    def _replace(self) -> None:
        self._outcome.reconnects += 1
        try:
            self._idle.append(self._connect())
        except OSError as error:
            self._outcome.failures[f"connect: {type(error).__name__}"] += 1

    def _give_up(self, now: float) -> float:
        self._outcome.failures["no answer in time"] += self._busy
        return now


def run_apart(load: Load) -> Outcome:
    """Run the load in a process of its own, so that the caller's work cannot delay it."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_child, args=(load, there))
    process.start()
    there.close()
    try:
        outcome: Outcome = here.recv()
    except EOFError:
        process.join()
        message = f"the load generator ended with code {process.exitcode}"
        raise RuntimeError(message) from None
    process.join()
    return outcome


def _child(load: Load, pipe: Pipe) -> None:
    pipe.send(load.run())


def http_request(method: str, path: str, *, token: str = "", body: bytes = b"") -> bytes:
    """Build a keep-alive HTTP/1.1 request; ``body`` is JSON."""
    head = f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if method != "GET":
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body
