"""The server: granian embedded, worker processes with threads, stopped so that nothing in flight is lost.

Chosen by measurement (bench/README.md): with a thousand kept-alive connections gunicorn's threads starve, because
each new connection holds one until its first byte. Its own configuration stands beside this one (gunicorn.py).
"""

import contextlib
import ctypes
import os
import select
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import MPServer

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

DRAIN_SECONDS = 0.5
"""How long workers go on answering, each answer closing its connection, before they are told to stop."""

HEAR_SECONDS = 2.0
"""How long a worker may take to begin with that: on a busy machine it gets no processor at once."""

STOP_SECONDS = 10
"""How long a worker may take to finish what it has begun; no request takes longer than 8 s."""

BACKLOG = 2048
MOST_CONNECTIONS = 4096
"""Connections a worker holds at once; granian's own default would leave most of a thousand clients unanswered."""

METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_PR_SET_PDEATHSIG = 1
_FOLDER = "card-service-metrics-"


class PortTaken(Exception):
    """The address cannot be listened on; the message says why and what to do."""


def check_port(host: str, port: int) -> None:
    """Raise PortTaken unless the address can be listened on.

    Asked for here because granian shares its port: a second server would start beside the first in silence.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PortTaken(
            f"Cannot listen on {host} port {port}: {reason}. Stop the program that uses it, or choose another: --port {port + 1}"
        ) from error


def share_metrics(folder: str | None) -> Callable[[], None]:
    """Give the workers one folder to add their numbers up in, and a function that clears it away.

    Must run before prometheus-client is imported. The numbers of the last run are not this run's.
    """
    _clear_left_behind()
    made = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-") if folder is None else None
    path = Path(made or folder or "")
    path.mkdir(parents=True, exist_ok=True)
    for old in path.glob("*.db"):
        old.unlink()
    os.environ[METRICS_VARIABLE] = str(path)
    owner = os.getpid()

    def clear() -> None:
        if made is not None and os.getpid() == owner:
            shutil.rmtree(made, ignore_errors=True)

    return clear


def _clear_left_behind() -> None:
    """Remove the folders of servers that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        pid = folder.name.removeprefix(_FOLDER).partition("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)


def forget_dead_workers() -> None:
    """Take out of the shared numbers what workers that were killed held at that moment."""
    folder = Path(os.environ.get(METRICS_VARIABLE, ""))
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            file.unlink(missing_ok=True)


class Draining:
    """A WSGI application that, once told, closes each connection with its answer and says it is not ready."""

    def __init__(self, application: Application) -> None:
        """Wrap an application."""
        self._application = application
        self._told = threading.Event()

    def tell(self) -> None:
        """Begin."""
        self._told.set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if not self._told.is_set():
            return self._application(environ, start_response)

        def closing(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *rest)

        if environ.get("PATH_INFO") == "/readyz":
            body = b'{"status":"stopping"}'
            closing("503 Service Unavailable", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        return self._application(environ, closing)


class _Server(MPServer):
    """granian, with a moment for kept-alive clients to learn of the end from their next answer.

    Without it 5 to 28 of 32 busy clients sent a request into a connection that was being closed.
    """

    draining: int
    """Where each worker writes a byte when it has begun to close connections."""

    def _stop_workers(self) -> None:
        told = 0
        for worker in self.wrks:
            # A service manager may stop the whole group: a worker that ends first has not failed.
            worker.interrupt_by_parent = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.inner.pid, signal.SIGUSR1)
                told += 1
        if told:
            self._wait_until_begun(told)
            time.sleep(DRAIN_SECONDS)
        super()._stop_workers()  # type: ignore[no-untyped-call]  # granian leaves it untyped

    def _wait_until_begun(self, workers: int) -> None:
        until = time.monotonic() + HEAR_SECONDS
        while workers and select.select([self.draining], [], [], max(0.0, until - time.monotonic()))[0]:
            workers -= len(os.read(self.draining, workers))


def run(
    load: Callable[[], Application],
    *,
    host: str,
    port: int,
    workers: int,
    threads: int,
    announce: Callable[[], None],
) -> None:
    """Serve until SIGTERM or SIGINT; `load` makes the application in each worker, `announce` tells once that it is ready."""
    libc = ctypes.CDLL(None)
    first, token = os.pipe()
    draining, begun = os.pipe()
    os.set_blocking(first, False)
    os.write(token, b"1")

    def load_in_worker() -> Application:
        # Workers inherit the parent's handler, which would swallow a stop during the start, for ever.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # Ctrl-C reaches the whole group; the parent tells the workers.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        parent = os.getppid()
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            raise SystemExit(1)
        forget_dead_workers()
        application = Draining(load())

        def drain_when_told() -> None:
            signal.sigwait({signal.SIGUSR1})
            application.tell()
            os.write(begun, b"1")

        # A thread of its own hears it at once: Python's handlers wait for the main thread, which waits for the end.
        threading.Thread(target=drain_when_told, name="drain", daemon=True).start()
        with contextlib.suppress(BlockingIOError):
            if os.read(first, 1):
                announce()
        return application

    def quiet_child() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # Kept until the thread that waits for it is there.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})

    os.register_at_fork(after_in_child=quiet_child)
    server = _Server(
        "card_service",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        http=HTTPModes.http1,
        websockets=False,
        backlog=BACKLOG,
        backpressure=MOST_CONNECTIONS,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        # Through our own handler, so that these lines are JSON too.
        log_dictconfig={"loggers": {"_granian": {"handlers": [], "propagate": True}}},
    )
    server.draining = draining
    server.serve(target_loader=load_in_worker, wrap_loader=False)
