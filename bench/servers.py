"""Compares WSGI servers by a small application: cost, many idle connections, and how each one stops."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path

import click

from bench.cpu import tree_seconds
from bench.load import HOST, Load, Outcome, http_request, run_apart
from tests.servers.mariadb import free_port

CLIENTS = (1, 32, 256, 1000)
OPEN_LOOP_RATE = 250.0
START_MOMENTS = tuple(0.4 + 0.2 * step for step in range(6))
PATIENCE_SECONDS = 15.0
_BODY = b'{"cardNumber":"1000000000000001","billId":1,"billAmount":1000.00,"items":[{"categoryId":1,"amount":500.00}]}'
_WORK = http_request("POST", "/work", body=_BODY)
_SLOW = http_request("POST", "/slow", body=_BODY)


class _NewestFirst(Load):
    """Uses the connection opened last first, as when most callers of a pool have been idle since they connected."""

    def _open_loop(self, start: float, rate: float) -> float:
        self._idle.reverse()
        return super()._open_loop(start, rate)


class _Leaving(Load):
    """Does not come back after its connection was closed."""

    def _replace(self) -> None:
        """Leave."""


@dataclass(frozen=True)
class Server:
    """A server's name and its command for a port and an application; two processes of eight threads each."""

    name: str
    command: Sequence[str]

    def command_line(self, port: int, application: str) -> list[str]:
        """Fill in the port and the application."""
        program = shutil.which(self.command[0], path=str(Path(sys.executable).parent))
        if program is None:
            raise click.ClickException(f"{self.command[0]} is not installed beside {sys.executable}")
        return [program, *(word.format(port=port, application=application) for word in self.command[1:])]


SERVERS = (
    Server(
        "gunicorn gthread",
        ["gunicorn", "--worker-class=gthread", "--workers=2", "--threads=8", "--bind=127.0.0.1:{port}", "--keep-alive=75",
         "--worker-connections=4000", "--no-control-socket", "{application}"],
    ),
    Server(
        "granian",
        ["granian", "--interface=wsgi", "--workers=2", "--blocking-threads=8", "--port={port}", "--http=1", "--no-ws",
         "--backlog=2048", "--backpressure=4096", "--workers-kill-timeout=10", "{application}"],
    ),
)  # fmt: skip


def compare(seconds: float) -> None:
    """Print the comparison of every server."""
    for server in SERVERS:
        click.echo(f"\n{server.name}")
        with _running(server) as (process, port):
            run_apart(Load(port, repeat(_WORK), clients=4, seconds=2.0))
            for clients in CLIENTS:
                load = Load(port, repeat(_WORK), clients=clients, seconds=seconds)
                _say(f"{clients} clients", process.pid, load)
        with _running(server) as (process, port):
            load = _NewestFirst(port, repeat(_WORK), clients=1000, seconds=seconds, rate=OPEN_LOOP_RATE)
            _say(f"{OPEN_LOOP_RATE:.0f} a second, 1000 connections", process.pid, load)
        for name, request in (("short requests", _WORK), ("half-second requests", _SLOW)):
            took, outcome = _stop_under_load(server, request)
            click.echo(f"  stopped under {name:<24} {took:5.1f} s, {sum(outcome.failures.values())} without an answer")
        slowest = max(_stop_during_start(server, moment) for moment in START_MOMENTS)
        click.echo(f"  stopped during its start, the slowest of {len(START_MOMENTS)}: {slowest:.1f} s")


def _say(name: str, pid: int, load: Load) -> None:
    before = tree_seconds(pid)
    outcome = run_apart(load)
    cpu = (tree_seconds(pid) - before) * 1000 / max(1, outcome.answered)
    click.echo(
        f"  {name:<32}{outcome.per_second:>7.0f}/s  p50 {outcome.percentile(50):>7.1f}  p95 {outcome.percentile(95):>7.1f} ms"
        f"  {cpu:.2f} CPU-ms  {outcome.errors} errors"
    )


@contextlib.contextmanager
def _running(server: Server) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    port = free_port()
    process = _start(server.command_line(port, "bench.hello:app"))
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                socket.create_connection((HOST, port), 0.2).close()
                break
            time.sleep(0.05)
        # The parent listens before its workers have loaded the application.
        time.sleep(1)
        yield process, port
    finally:
        _stop(process)


def _start(command: list[str], **variables: str) -> "subprocess.Popen[bytes]":
    root = Path(__file__).parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root), **variables}
    return subprocess.Popen(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _stop(process: "subprocess.Popen[bytes]") -> float:
    """Stop in order; gives the seconds it took, or at most our patience."""
    began = time.monotonic()
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return time.monotonic() - began


def _stop_under_load(server: Server, request: bytes) -> tuple[float, Outcome]:
    with _running(server) as (process, port):
        took: list[float] = []
        timer = threading.Timer(1.25, lambda: took.append(_stop(process)))
        load = _Leaving(port, repeat(request), clients=32, seconds=5.0)
        timer.start()
        outcome = load.run()
        timer.join()
    return took[0], outcome


def _stop_during_start(server: Server, moment: float) -> float:
    process = _start(server.command_line(free_port(), "bench.hello:app"), BENCH_HELLO_LOADS_FOR="1")
    time.sleep(moment)
    return _stop(process)
