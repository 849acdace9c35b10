"""A real server: `card-service serve` in processes of its own, to be stopped, killed and started again."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.patience import PATIENCE_SECONDS
from tests.servers.clients import Answer, Client, Tenant, over_network, tenant_of
from tests.servers.commands import environment, script
from tests.servers.databases import PrivateDatabase
from tests.servers.mariadb import free_port
from tests.servers.tenants import create_tenant

POLL_SECONDS = 0.05


class LiveServer:
    """One `card-service serve` on a port of 127.0.0.1; the port stays the same over restarts."""

    def __init__(self, database: PrivateDatabase, folder: Path, **settings: str) -> None:
        """Prepare; nothing runs before `start()`. Settings as in `commands.environment`."""
        self.database = database
        self.port = free_port()
        self.send = over_network(self.port)
        self.root = Client(self.send, base="")
        self.log_path = folder / f"server-{self.port}.log"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The id of the process that was started, the parent of the workers."""
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process.pid

    @property
    def worker_pids(self) -> list[int]:
        """The ids of the processes it started."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    @property
    def log(self) -> str:
        """What the server wrote so far."""
        return self.log_path.read_text(errors="replace")

    def tenant(self, name: str = "Live Pharmacy") -> Tenant:
        """Make a tenant with clients that call this server."""
        tenant_id, keys = create_tenant(self.database, name)
        return tenant_of(self.send, tenant_id, name, keys)

    def start(self) -> None:
        """Start it and wait until it is ready."""
        command = [script(), "serve", "--port", str(self.port)]
        guard = shutil.which("setpriv")
        if guard:
            # The kernel ends it with the run, even after a kill -9 of the run.
            command = [guard, "--pdeathsig", "TERM", *command]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                env=environment(self.database.url, **self._settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(OSError):
                if self._ready().status == 200:
                    return
            time.sleep(POLL_SECONDS)
        self.kill()
        raise RuntimeError(f"the server did not start:\n{self.log[-3000:]}")

    def stop(self) -> int:
        """Stop in order, as a service manager does, and return the exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE_SECONDS)
        finally:
            self.kill()

    def kill(self) -> None:
        """Kill -9 of the server and all its workers; harmless when nothing runs."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def _ready(self) -> Answer:
        return self.root.get("/readyz")


@contextlib.contextmanager
def running_server(database: PrivateDatabase, folder: Path, **settings: str) -> Iterator[LiveServer]:
    """Give a started server on a database and kill what is left of it afterwards."""
    server = LiveServer(database, folder, **settings)
    server.start()
    try:
        yield server
    finally:
        server.kill()
