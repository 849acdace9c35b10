"""Which database errors mean "run it again", by code, as measured (docs/reliability.md rule 5).

By code and not by class: MariaDB raises a violated CHECK (4025) with the same class as a deadlock.
"""

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

DEADLOCK, LOCK_TIMEOUT, DUPLICATE = 1213, 1205, 1062
OUT_OF_RANGE = {1264, 1690}
CONFLICTS = {DEADLOCK: "deadlock", LOCK_TIMEOUT: "lock_timeout", 1020: "changed", 1317: "interrupted", 1969: "too_slow"}
LOST = {2006, 2013, 2014, 2055, 1927, 1053, 1158, 1159, 1160, 1161, 4031}
UNREACHABLE = {1040, 2002, 2003}


class ConcurrentChangeError(Exception):
    """A row is no longer what was read: the use case must run again from the start."""


def driver_error(error: BaseException) -> BaseException:
    """Unwrap what SQLAlchemy put around the driver's own error."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig
    return error


def code_of(error: BaseException) -> int | None:
    """Give the server's error number, if this is an error of a MariaDB or MySQL driver."""
    original = driver_error(error)
    args: tuple[Any, ...] = original.args
    module = type(original).__module__
    if module.startswith(("pymysql", "MySQLdb")) and args and isinstance(args[0], int):
        return args[0]
    return None


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, so that no other statement can be sent on it."""
    original = driver_error(error)
    code = code_of(error)
    if code is not None:
        return code in LOST or code in UNREACHABLE or code == 0
    return isinstance(original, InterfaceError) or type(original).__name__ == "InterfaceError"


def is_duplicate(error: BaseException) -> bool:
    """Whether a unique key was taken."""
    if code_of(error) == DUPLICATE:
        return True
    original = driver_error(error)
    return isinstance(original, sqlite3.IntegrityError) and "UNIQUE constraint failed" in str(original)


def does_not_fit(error: BaseException) -> bool:
    """Whether a value, such as a total of many years, has outgrown its column."""
    return code_of(error) in OUT_OF_RANGE


def is_lock_timeout(error: BaseException) -> bool:
    """Whether the wait for another transaction's lock ended first."""
    original = driver_error(error)
    return code_of(error) == LOCK_TIMEOUT or (isinstance(original, sqlite3.OperationalError) and "locked" in str(original))


def retry_cause(error: BaseException) -> str | None:  # noqa: PLR0911 - a table, a row a cause
    """Name the reason to run the whole use case again, or None if running again would not help."""
    if isinstance(error, ConcurrentChangeError):
        return "changed"
    code = code_of(error)
    if code in CONFLICTS:
        return CONFLICTS[code]
    if code in UNREACHABLE:
        return "unreachable"
    if is_lost(error):
        return "connection_lost"
    if is_duplicate(error):
        return "duplicate_key"
    original = driver_error(error)
    if isinstance(original, sqlite3.OperationalError) and ("locked" in str(original) or "busy" in str(original)):
        return "busy"
    if isinstance(error, PoolTimeoutError):
        return "pool_timeout"
    return None
