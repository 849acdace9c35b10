"""Runs the scanner as the person at the counter does: a program with an input, two outputs and an end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-c", "from scanner.cli import main; main(prog_name='scanner')"]


def environment(**variables: str) -> dict[str, str]:
    """Return an environment without a screen, a key or pairings of whoever runs the tests, and with these variables."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("SCANNER_") and name != "DISPLAY"}
    return own | variables


def run(*arguments: str, text: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the scanner to its end."""
    return subprocess.run(
        [*COMMAND, *arguments],
        input=text,
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        cwd=ROOT,
        env=environment(**variables),
    )


@contextmanager
def running(*arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Start the scanner with pipes, and kill what is left of it."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        bufsize=1,
        cwd=ROOT,
        env=environment(**variables),
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def shown(process: subprocess.Popen[str], line: str) -> str:
    """Give the program a line and return the next one that it prints."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()
    return process.stdout.readline()


def ended(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str, str]:
    """Send a signal; return the exit code and what was still printed, within ten seconds."""
    process.send_signal(number)
    # First the end and then the outputs: `communicate` closes the input, which would end the program by itself.
    code = process.wait(10)
    out, err = process.communicate()
    return code, out, err
