"""Earning rules: which one pays for something, how much, and how often (docs/programme.md sections 4, 5)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from .answers import Body
from .arithmetic import exact, round_down

PERIODS: dict[str, Callable[[date], date]] = {
    "DAY": lambda day: day,
    "WEEK": lambda day: day - timedelta(days=day.weekday()),
    "MONTH": lambda day: day.replace(day=1),
    "YEAR": lambda day: day.replace(month=1, day=1),
    "EVER": lambda _day: date.min,
}


@dataclass(frozen=True)
class Rule:
    """One rule, and the body that made it."""

    id: int
    body: Body

    @property
    def min_bill(self) -> Fraction:
        """The least bill that it pays for."""
        return exact(self.body.get("minBill", 0))

    def applies(self, activity: str, instant: datetime, code: str | None) -> bool:
        """Whether it is for this activity, active, and in its window."""
        starts, ends = self.body.get("startsAt"), self.body.get("endsAt")
        in_time = (starts is None or datetime.fromisoformat(starts) <= instant) and (
            ends is None or instant < datetime.fromisoformat(ends)
        )
        is_for = self.body["activity"] == activity and self.body.get("code") == code
        return bool(is_for and self.body.get("isActive", True) and in_time)

    def points(self, tier_multiplier: Fraction, precision: int) -> Fraction:
        """What it pays a card of this tier."""
        points = exact(self.body["points"])
        return round_down(points * tier_multiplier, precision) if self.body.get("useTierMultiplier") else points

    def same_period(self, day: date, today: date) -> bool:
        """Whether what was paid on a day counts against today's cap."""
        start = PERIODS[self.body.get("period", "EVER")]
        return bool(start(day) == start(today))


class EarningRules:
    """All rules of the tenant."""

    def __init__(self) -> None:
        """Start without rules."""
        self.by_id: dict[int, Rule] = {}

    def paying(self, activity: str, instant: datetime, code: str | None = None) -> Rule | None:
        """The rule of this activity that pays now: the highest priority, then the lowest id."""
        found = [rule for rule in self.by_id.values() if rule.applies(activity, instant, code)]
        return min(found, key=lambda rule: (-rule.body.get("priority", 0), rule.id), default=None)
