"""What a person is told when a command cannot do its work: one line on stderr, what happened and what to do."""

import contextlib
import sqlite3
from collections.abc import Iterator

import click

from card_service.kit.db import faults
from card_service.kit.errors import ServiceError, Unavailable
from config.settings import SettingsError

UPGRADE = "run `card-service db upgrade`"
_DENIED = {1044, 1045, 1142, 1143, 1227, 1698}
_UNKNOWN_DATABASE = 1049
_NO_SUCH_TABLE = 1146


class Failure(click.ClickException):
    """A command cannot do its work; exit code 1."""


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn the errors that a person can do something about into one line each."""
    try:
        yield
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        raise Failure(message) from error


def explain(error: BaseException) -> str | None:  # noqa: PLR0911 - one line for each kind of error
    """Say in one line what went wrong, None if it is an error of the program itself."""
    if isinstance(error, Unavailable) and error.__cause__ is not None:
        return explain(error.__cause__) or error.detail
    original, code = faults.driver_error(error), faults.code_of(error)
    if code is not None:
        return _explain_server(code)
    match original:
        case SettingsError():
            return f"{original} Set them right in the environment (README.md has the table)."
        case ServiceError():
            return original.detail
        case sqlite3.Error():
            return _explain_sqlite(original)
        case ModuleNotFoundError(name="MySQLdb"):
            return "The C driver is not installed: pip install 'card-service[mysqlclient]', or use mysql+pymysql:// instead."
        # What a new connection to a server is checked for (kit/db/engine.py).
        case RuntimeError() if "strict mode" in str(original):
            return f"{str(original).capitalize()}. Set sql_mode in the server's configuration (docs/operations.md)."
        case OSError(filename=filename, strerror=reason):
            return f"{filename + ': ' if filename else ''}{reason or original}. Check the path and its permissions."
    return None


def _explain_sqlite(error: sqlite3.Error) -> str | None:
    text = str(error)
    if "unable to open" in text or "readonly" in text:
        return (
            "The SQLite file cannot be opened for writing: check that its folder exists and is writable,"
            " or name another by CARD_SERVICE_DATABASE_URL=sqlite:////path/to/file."
        )
    if "no such table" in text or "no such column" in text:
        return f"The database is not migrated: {UPGRADE}."
    if "locked" in text or "busy" in text:
        return "The SQLite file is in use by another program: try again when that has finished."
    if "not a database" in text or "malformed" in text:
        return "The file of CARD_SERVICE_DATABASE_URL is not an SQLite database, or a damaged one."
    return None


def _explain_server(code: int) -> str | None:
    if code == _UNKNOWN_DATABASE:
        return "The database server has no database of this name: create it, or correct CARD_SERVICE_DATABASE_URL."
    if code == _NO_SUCH_TABLE:
        return f"The database is not migrated: {UPGRADE}."
    if code in _DENIED:
        return (
            "The database server refuses this user: check the name, password and grants of CARD_SERVICE_DATABASE_URL"
            " (migrating needs the migration user, docs/operations.md)."
        )
    if code in faults.UNREACHABLE or code in faults.LOST:
        return "The database cannot be reached: check that it runs and that CARD_SERVICE_DATABASE_URL names it."
    return None
