"""Days are the tenant's: where a date begins and ends in its time zone, as instants."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_MOMENT = timedelta(microseconds=1)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    """Find a zone by its IANA name."""
    return ZoneInfo(name)


def day_of(instant: datetime, timezone: str) -> date:
    """Tell the tenant's date at an instant."""
    return instant.astimezone(zone(timezone)).date()


def start_of(day: date, timezone: str) -> datetime:
    """Give the first instant of a day, in UTC."""
    return datetime.combine(day, time.min, tzinfo=zone(timezone)).astimezone(UTC)


def end_of(day: date, timezone: str) -> datetime:
    """Give the first instant after a day: what is valid on its last day expires then."""
    return start_of(day + timedelta(days=1), timezone)


def last_day(end: datetime, timezone: str) -> date:
    """Give the last day before an instant: `end_of` undone."""
    return day_of(end - _MOMENT, timezone)
