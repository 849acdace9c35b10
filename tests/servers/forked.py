"""The service's command in processes forked from one that has loaded its modules: as real, and started in milliseconds.

A start from nothing costs a second of the processor, and the suite runs some hundreds of commands. Each still has a process,
an environment, a folder and an exit code of its own. Servers, workers and jobs that are killed are started from nothing.
"""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from card_service.cli import COMMANDS

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["card_service.cli", *(f"card_service.commands.{module}" for module in COMMANDS.values())])


def run_forked(
    arguments: Sequence[str], environment: dict[str, str], folder: Path | None, timeout: float
) -> subprocess.CompletedProcess[str]:
    """Run `card-service ...` with nothing to read and wait for it; raises TimeoutExpired."""
    with TemporaryDirectory() as scratch:
        out, err = Path(scratch, "out"), Path(scratch, "err")
        process = _context.Process(target=_command, args=(list(arguments), environment, folder or Path.cwd(), out, err))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(list(arguments), timeout, out.read_text(), err.read_text())
        return subprocess.CompletedProcess(list(arguments), process.exitcode, out.read_text(), err.read_text())


def _command(arguments: list[str], environment: dict[str, str], folder: Path, out: Path, err: Path) -> None:
    """Become the command: its exit code is that of this process."""
    from card_service.cli import main  # noqa: PLC0415 - loaded already, before the fork

    os.environ.clear()
    os.environ.update(environment)
    for path, descriptor in ((out, 1), (err, 2)):
        with path.open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    os.chdir(folder)
    sys.argv = ["card-service", *arguments]
    main()
