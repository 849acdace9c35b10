"""Which days are to be done, and which warning is due: pure arithmetic on days."""

from collections.abc import Iterator
from datetime import date, timedelta

WARN_BEFORE = (1, 7, 30)
"""Days before the last valid day on which its points are warned of, the nearest first."""


def warning_due(today: date, last_valid_day: date) -> int | None:
    """Tell which warning is due: 30, 7 or 1, or None if it is too early, or too late for any.

    A warning whose day was missed is still due until the next one is: of two that were missed only the nearer.
    """
    left = (last_valid_day - today).days
    return next((days for days in WARN_BEFORE if 0 <= left <= days), None)


def days_to_do(last: date | None, target: date, makes_up: int) -> Iterator[date]:
    """List the days to do after the last one that is done: the target, and before it as many missed ones as are made up for."""
    first = target
    if last is not None:
        first = max(last + timedelta(days=1), target - timedelta(days=makes_up))
    if last is None or last < target:
        for number in range((target - first).days + 1):
            yield first + timedelta(days=number)
