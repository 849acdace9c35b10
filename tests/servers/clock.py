"""The clock that the service reads in the tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

NOON_OF_A_MONDAY = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
"""12:00 in India; in the past, so that an audit on the system's clock finds nothing still to come."""


class Clock:
    """Stands still until it is moved; call it to read it."""

    def __init__(self) -> None:
        """Start at noon of a Monday."""
        self.now = NOON_OF_A_MONDAY

    def __call__(self) -> datetime:
        """Read it, aware, in UTC."""
        return self.now

    def advance(self, **duration: Any) -> None:
        """Move it by a duration such as `days=1`."""
        self.now += timedelta(**duration)

    def reset(self) -> None:
        """Set it back to where it started."""
        self.now = NOON_OF_A_MONDAY
