"""What a run was measured on, so that figures of two machines can be compared."""

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.servers.databases import PrivateDatabase

ROUNDS = 2_000_000


def facts(database: PrivateDatabase) -> dict[str, Any]:
    """Name the machine, the versions and the commit; `python_loop_ms` says how fast a core is right now."""
    version = database.rows("SELECT VERSION()")[0][0]
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "database": version,
        "python_loop_ms": round(python_loop_ms(), 1),
    }


def python_loop_ms() -> float:
    """CPU milliseconds of adding up two million numbers; about 90 on a core of 2024 that nobody else uses."""
    start = time.process_time()
    total = 0
    for number in range(ROUNDS):
        total += number
    return (time.process_time() - start) * 1000


def _commit() -> str:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
