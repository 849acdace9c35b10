"""A private MariaDB server in a folder of its own, made in about a second and gone with the run."""

import atexit
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from tests.patience import PATIENCE_SECONDS

# Debian keeps servers where an ordinary user's PATH does not look.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
POLL_SECONDS = 0.02
PORTS = range(15_000, 32_000)
HOW_TO_INSTALL = (
    "No MariaDB server found. Type: sudo apt-get update && "
    "sudo apt-get install -y --no-install-recommends mariadb-server-core mariadb-client-core"
)


class MariaDBMissingError(RuntimeError):
    """The programs of MariaDB are not installed; the message is the line to type."""


class MariaDB:
    """One server: a data folder, a socket, and a port on 127.0.0.1 that stay the same over restarts.

    The administrator is `root` without a password, reachable by the socket only from this machine.
    With `durable` (as in production) a COMMIT is on its way to the disk before it is answered, so
    it survives `kill()`; without it only an orderly `stop()` keeps everything.
    """

    def __init__(self, *, durable: bool = True) -> None:
        """Lay out the data folder; nothing runs before `start()`."""
        self.durable = durable
        self.folder = Path(tempfile.mkdtemp(prefix="card-service-mariadb-", dir=_short_temp_folder()))
        self.socket_path = self.folder / "socket"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        # Also when a fixture was torn down halfway or the run is interrupted.
        atexit.register(self.discard)
        try:
            self._run_install()
        except BaseException:
            self.discard()
            raise

    @property
    def pid(self) -> int:
        """The process id of the running server."""
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [
            _program("mariadbd"),
            *self._options(),
            f"--socket={self.socket_path}",
            f"--port={self.port}",
            f"--pid-file={self.folder / 'pid'}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--max-connections=400",
            "--character-set-server=utf8mb4",
            "--collation-server=utf8mb4_unicode_ci",
            "--sql-mode=STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
            f"--innodb-flush-log-at-trx-commit={1 if self.durable else 0}",
            "--innodb-buffer-pool-size=128M",
            # Foreign programs may set another zone; ours must set its own on every connection.
            "--default-time-zone=+05:30",
        ]
        guard = shutil.which("setpriv")
        if guard:
            # The kernel ends the server with the run, even after a kill -9 of the run.
            command = [guard, "--pdeathsig", "KILL", *command]
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop in order, as a service manager would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill -9: no goodbye, no flush. `start()` again recovers from the log."""
        self._end(signal.SIGKILL)

    def discard(self) -> None:
        """End the server and remove its folder; harmless when done already."""
        # Nothing of it is wanted any more, so there is no reason to wait for an orderly end.
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.discard)

    def connect(self, database: str | None = None) -> "Connection[Cursor]":
        """Return an administrator's connection (autocommit on) by the socket."""
        return pymysql.connect(
            unix_socket=str(self.socket_path),
            user="root",
            database=database,
            autocommit=True,
            charset="utf8mb4",
            ssl_disabled=True,
        )

    @contextlib.contextmanager
    def changed(self, variable: str, value: str | int) -> Iterator[None]:
        """Change a global variable for as long as the `with` lasts."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT @@GLOBAL.{variable}")
            ((before,),) = cursor.fetchall()
            cursor.execute(f"SET GLOBAL {variable} = %s", (value,))
            try:
                yield
            finally:
                cursor.execute(f"SET GLOBAL {variable} = %s", (before,))

    def url(self, user: str, password: str, database: str) -> str:
        """Return the database URL of a user, over TCP as in production."""
        return f"mysql+pymysql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    @property
    def log(self) -> str:
        """What the server wrote so far, for a message."""
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    @property
    def _log_path(self) -> Path:
        return self.folder / "log"

    def _options(self) -> list[str]:
        options = ["--no-defaults", f"--datadir={self.folder / 'data'}", "--innodb-log-file-size=32M"]
        # A server that starts removes the temporary tables it finds, and would find those of another that starts beside it.
        options.append(f"--tmpdir={self.folder}")
        if os.geteuid() == 0:
            # MariaDB refuses to run as root unless told so.
            options.append("--user=root")
        return options

    def _run_install(self) -> None:
        command = [
            _program("mariadb-install-db"),
            *self._options(),
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
        # The script looks for mariadbd on the PATH, too.
        environment = {**os.environ, "PATH": SEARCH_PATH}
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            # PyMySQL leaves its socket open when a connection by file is refused, so that is tried first.
            with contextlib.suppress(OSError, pymysql.err.OperationalError):
                with socket.socket(socket.AF_UNIX) as probe:
                    probe.connect(str(self.socket_path))
                self.connect().close()
                return
            time.sleep(POLL_SECONDS)
        self.kill()
        raise RuntimeError(f"mariadbd did not start:\n{self.log[-3000:]}")

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@contextlib.contextmanager
def running_mariadb(*, durable: bool = True) -> Iterator[MariaDB]:
    """Give a started server and discard it afterwards."""
    server = MariaDB(durable=durable)
    try:
        server.start()
        yield server
    finally:
        server.discard()


def free_port() -> int:
    """Return a port of 127.0.0.1 that nothing listens on now; none of those that the system gives to outgoing connections."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _program(name: str) -> str:
    found = shutil.which(name, path=SEARCH_PATH)
    if found is None:
        raise MariaDBMissingError(HOW_TO_INSTALL)
    return found


def _short_temp_folder() -> str | None:
    # A socket's path may have 107 bytes; some systems give temporary folders longer names than that.
    longest = 50
    return "/tmp" if len(tempfile.gettempdir()) > longest else None  # noqa: S108 - mkdtemp makes a private folder
