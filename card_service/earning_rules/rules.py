"""Which rule pays, how much, and how often (docs/programme.md section 4)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from card_service.kit.days import day_of, start_of
from card_service.kit.money import round_down

ONE = Decimal("1.00")


@dataclass(frozen=True, slots=True)
class Rule:
    """An active rule; `max_per_card` None is no cap, `starts_at` and `ends_at` None no limit."""

    id: int
    activity: str
    code: str | None
    name: str
    points: Decimal
    use_tier_multiplier: bool
    min_bill: Decimal
    max_per_card: int | None
    period: str
    pending_days: int
    starts_at: datetime | None
    ends_at: datetime | None
    priority: int

    def runs_at(self, instant: datetime) -> bool:
        """Whether it applies at an instant; the end is exclusive."""
        return (self.starts_at is None or self.starts_at <= instant) and (self.ends_at is None or instant < self.ends_at)

    def pays(self, multiplier: Decimal, precision: int) -> Decimal:
        """Tell what it pays a card whose tier has this multiplier, rounded down once where that plays a part."""
        return round_down(self.points * multiplier, precision) if self.use_tier_multiplier else self.points

    def pays_by(self, multiplier_of: Callable[[], Decimal], precision: int) -> Decimal:
        """Tell what it pays as `pays` does, asking for the multiplier only where it plays a part."""
        return self.pays(multiplier_of() if self.use_tier_multiplier else ONE, precision)


def paying(rules: Iterable[Rule], activity: str, instant: datetime, code: str | None = None) -> Rule | None:
    """Choose the one rule that pays for an activity: the highest priority, then the lowest id."""
    found = [rule for rule in rules if (rule.activity, rule.code) == (activity, code) and rule.runs_at(instant)]
    return min(found, key=lambda rule: (-rule.priority, rule.id), default=None)


def period_start(period: str, day: date) -> date | None:
    """Give the first day of the calendar period that a day lies in; weeks begin on Monday, EVER has no beginning."""
    if period == "EVER":
        return None
    begins = {
        "DAY": day,
        "WEEK": day - timedelta(days=day.weekday()),
        "MONTH": day.replace(day=1),
        "YEAR": day.replace(month=1, day=1),
    }
    return begins[period]


def counted_since(rule: Rule, now: datetime, timezone: str) -> datetime | None:
    """Give the instant from which on what was paid counts towards the cap of today; None for ever."""
    first = period_start(rule.period, day_of(now, timezone))
    return None if first is None else start_of(first, timezone)


def birthdays_on(day: date) -> list[int]:
    """Give the birthdays that are kept on a day, as MMDD: those of the 29th of February on the 28th of other years."""
    kept = [day.month * 100 + day.day]
    if (day + timedelta(days=1)).month == 3 and day.month == 2 and day.day == 28:  # noqa: PLR2004 - months and days
        kept.append(229)
    return kept
