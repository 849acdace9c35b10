"""Which days are to be done, and which warning is due: pure arithmetic on days."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

WARN_BEFORE = (1, 7, 30)
"""Days before the last valid day on which its points are warned of, the nearest first."""


def warning_due(today: date, last_valid_day: date) -> int | None:
    """Tell which warning is due: 30, 7 or 1, or None if it is too early, or too late for any.

    A warning whose day was missed is still due until the next one is: of two that were missed only the nearer.
    """
    left = (last_valid_day - today).days
    return next((days for days in WARN_BEFORE if 0 <= left <= days), None)


class DayRun(NamedTuple):
    """A day that a job was begun for, and the tenant's day on which it was begun."""

    day: date
    begun_on: date
    is_finished: bool

    @property
    def is_on_time(self) -> bool:
        """Whether it was begun on its day, or right after: what is made up for by hand is begun later."""
        return self.begun_on <= self.day + timedelta(days=1)


def days_to_do(known: Sequence[DayRun], target: date, makes_up: int) -> Iterator[date]:
    """List the days that are not finished: the target, and before it as many missed ones as are made up for.

    A day counts as missed since the job was first begun on time: a day of long ago that somebody did by hand is no reason to
    do all that lie between, and one done by hand after a gap does not hide the gap.
    """
    first = min((run.day for run in known if run.is_on_time), default=target)
    first = min(max(first, target - timedelta(days=makes_up)), target)
    finished = {run.day for run in known if run.is_finished}
    for number in range((target - first).days + 1):
        day = first + timedelta(days=number)
        if day not in finished:
            yield day
