"""The service's commands as an operator runs them, in processes of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers.databases import PrivateDatabase
from tests.servers.forked import run_forked

TIMEOUT_SECONDS = 120.0


def environment(database_url: str | None = None, **settings: str) -> dict[str, str]:
    """Return this process's variables with only these settings of the service (`jwt_issuer=...`)."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CARD_SERVICE_")}
    if database_url is not None:
        clean["CARD_SERVICE_DATABASE_URL"] = database_url
    return clean | {f"CARD_SERVICE_{name.upper()}": value for name, value in settings.items()}


def script(name: str = "card-service") -> str:
    """Find a console script beside this Python, where `make setup` puts it."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise RuntimeError(f"{name} is not installed beside {sys.executable}: run `make setup`")
    return found


def card_service(
    database: PrivateDatabase | None, *arguments: str, cwd: Path | None = None, **settings: str
) -> subprocess.CompletedProcess[str]:
    """Run `card-service ...` on a database and wait; says nothing about the exit code."""
    return run_forked(arguments, environment(database.url if database else None, **settings), cwd, TIMEOUT_SECONDS)


def assert_books_balance(database: PrivateDatabase) -> None:
    """Prove the books of every tenant, and fail with what the audit said when they do not balance."""
    done = card_service(database, "audit")
    assert done.returncode == 0, f"the books of {database.kind} do not balance:\n{done.stdout}{done.stderr}"
