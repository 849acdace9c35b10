"""Jobs and workers as an operator runs them: processes of their own, to be stopped and killed."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.patience import PATIENCE_SECONDS
from tests.servers.commands import environment, script
from tests.servers.databases import PrivateDatabase

POLL_SECONDS = 0.01


class Running:
    """One `card-service ...` that runs until it ends, or is made to; at the latest with its `with`."""

    def __init__(self, database: PrivateDatabase, *arguments: str, log: Path) -> None:
        """Start it."""
        guard = shutil.which("setpriv")
        # The kernel ends it with the run of the tests, even after a kill -9 of that.
        before = [guard, "--pdeathsig", "TERM"] if guard else []
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [*before, script(), *arguments], env=environment(database.url), stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def __enter__(self) -> Self:
        """Let it run."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Kill it, if it has not ended."""
        self.kill()

    def kill(self) -> None:
        """Kill -9; harmless when it has ended."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def stop(self) -> int:
        """Send SIGTERM, and give the exit code."""
        os.kill(self.process.pid, signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        """Wait for its end, and give the exit code."""
        return self.process.wait(PATIENCE_SECONDS)

    def wait_until(self, is_so: Callable[[], bool]) -> bool:
        """Wait for something that it does; false if it ended without."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            ended = self.process.poll() is not None
            if is_so():
                return True
            if ended:
                return False
            time.sleep(POLL_SECONDS)
        raise AssertionError(f"it did not come to that within {PATIENCE_SECONDS} s:\n{self.log.read_text()[-3000:]}")
