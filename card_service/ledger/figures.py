"""What the bills of a card add up to over its last days, kept running beside the card so that no bill need be read.

Pure: the sums themselves are read by `tiers/sums.py` and compared by the audit. A window is a number of days of the
tenant, today included; the figures of a document are exact until the earliest bill falls out of their window.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

import msgspec

from card_service.kit.days import day_of, start_of
from card_service.kit.money import ZERO


class Counted(msgspec.Struct, frozen=True):
    """What one earned bill counts: money and points net of returns, and 1, or 0 once it is cancelled."""

    occurred_at: datetime
    spend: Decimal
    points: Decimal
    orders: int


class Figures(msgspec.Struct, frozen=True, array_like=True):
    """The sums of one window; `until` is when its earliest bill falls out, None while there is none."""

    spend: Decimal = ZERO
    points: Decimal = ZERO
    orders: int = 0
    until: datetime | None = None


class Running(msgspec.Struct, frozen=True):
    """The figures of a card by the days of their windows, as days go in one time zone."""

    zone: str
    windows: dict[int, Figures]

    def is_exact(self, now: datetime, zone: str, periods: Iterable[int]) -> bool:
        """Tell whether these windows are here, of this zone, and nothing has fallen out of them yet."""
        if zone != self.zone:
            return False
        for days in periods:
            figures = self.windows.get(days)
            if figures is None or (figures.until is not None and figures.until <= now):
                return False
        return True

    def moved(self, now: datetime, before: Counted | None, after: Counted) -> "Running":
        """Count a bill as `after` instead of as `before` (None: it is new)."""
        return Running(self.zone, {days: self._moved(now, days, old, before, after) for days, old in self.windows.items()})

    def _moved(self, now: datetime, days: int, old: Figures, before: Counted | None, after: Counted) -> Figures:
        if after.occurred_at < window_start(now, self.zone, days):
            return old
        was = before or Counted(after.occurred_at, ZERO, ZERO, 0)
        leaves = falls_out(after.occurred_at, self.zone, days)
        return Figures(
            old.spend + after.spend - was.spend,
            old.points + after.points - was.points,
            old.orders + after.orders - was.orders,
            leaves if old.until is None else min(old.until, leaves),
        )


_decoder = msgspec.json.Decoder(Running)


def read_running(document: str | None) -> Running | None:
    """Read the document of a card."""
    return _decoder.decode(document) if document else None


def write_running(running: Running) -> str:
    """Write the document of a card: amounts as text."""
    return msgspec.json.encode(running).decode()


def window_start(now: datetime, zone: str, days: int) -> datetime:
    """Give the first instant of a window of so many days, today being the last."""
    return start_of(day_of(now, zone) - timedelta(days=days - 1), zone)


def falls_out(occurred_at: datetime, zone: str, days: int) -> datetime:
    """Tell when a bill leaves a window of so many days."""
    return start_of(day_of(occurred_at, zone) + timedelta(days=days), zone)
