"""Until when points are valid, by the policy of a tenant: pure rules over days (docs/programme.md section 1)."""

from calendar import monthrange
from datetime import date

YEAR, QUARTER = 12, 3


def last_valid_day(policy: str, months: int, from_day: date) -> date | None:
    """Tell the last day on which points count that become available on `from_day`; None if they never expire.

    `months` is at least 1. For INACTIVITY `from_day` is the day of the card's last earn or redemption.
    """
    if policy == "NONE":
        return None
    if policy == "END_OF_PERIOD":
        return _end_of_period(months, from_day)
    return add_months(from_day, months)


def add_months(day: date, months: int) -> date:
    """Go that many months on, to the same day or, in a month that is too short, to its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end_of_period(months: int, day: date) -> date:
    """Count so many months of whole periods: years, quarters or months, whichever is the longest that divides them."""
    length = next(size for size in (YEAR, QUARTER, 1) if months % size == 0)
    first_month = (day.month - 1) // length * length + 1
    return _last_of_month(add_months(date(day.year, first_month, 1), months - 1))


def _last_of_month(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
