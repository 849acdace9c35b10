"""The day until which points are valid, by policy (docs/programme.md section 1)."""

from calendar import monthrange
from datetime import date, timedelta


def month_later(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_valid_day(policy: str, months: int, available: date) -> date | None:
    """The last day on which a lot that becomes available on this day can be spent; None when it never expires.

    ROLLING counts from that day. END_OF_PERIOD counts whole years, quarters or months, the one of that day being the
    first. INACTIVITY counts from the day of the card's last earn or redemption, given instead.
    """
    if policy == "NONE":
        return None
    if policy in {"ROLLING", "INACTIVITY"}:
        return month_later(available, months)
    length = next(length for length in (12, 3, 1) if months % length == 0)
    first_month = (available.month - 1) // length * length + 1
    return month_later(date(available.year, first_month, 1), months) - timedelta(days=1)
