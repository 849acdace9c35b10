"""The pure rules: which one pays, in which period it is counted, and whose birthday it is."""

from calendar import isleap
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_service.earning_rules.rules import Rule, birthdays_on, counted_since, paying, period_start
from card_service.kit.days import day_of, zone
from card_service.models.earning import PERIODS

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
ZONES = st.sampled_from(["Asia/Kolkata", "UTC", "America/New_York", "Pacific/Auckland"])
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def rule(number: int = 1, **fields: Any) -> Rule:
    plain = {
        "activity": "REVIEW", "code": None, "name": "A review", "points": Decimal("10.00"), "use_tier_multiplier": False,
        "min_bill": Decimal("0.00"), "max_per_card": 1, "period": "DAY", "pending_days": 0, "starts_at": None, "ends_at": None,
        "priority": 0,
    }  # fmt: skip
    return Rule(**{"id": number, **plain, **fields})


@given(st.sampled_from([name for name in PERIODS if name != "EVER"]), DAYS)
def test_a_period_begins_once_and_holds_all_its_days(period: str, day: date) -> None:
    start = period_start(period, day)
    assert start is not None
    assert start <= day
    assert period_start(period, start) == start
    before = period_start(period, start - timedelta(days=1))
    assert before is not None
    assert before < start
    length = {"DAY": 1, "WEEK": 7, "MONTH": 31, "YEAR": 366}[period]
    assert (day - start).days < length
    assert period != "WEEK" or start.weekday() == 0


@given(st.sampled_from(PERIODS), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), ZONES)  # noqa: DTZ001 - made aware below
def test_what_is_counted_begins_at_a_midnight_of_the_tenant(period: str, naive: datetime, timezone: str) -> None:
    now = naive.replace(tzinfo=UTC)
    since = counted_since(rule(period=period), now, timezone)
    if period == "EVER":
        assert since is None
        return
    assert since is not None
    assert since <= now
    assert day_of(since, timezone) == period_start(period, day_of(now, timezone))
    assert day_of(since - timedelta(microseconds=1), timezone) < day_of(since, timezone)
    assert since.astimezone(zone(timezone)).minute == 0


@given(DAYS)
def test_every_birthday_is_kept_once_a_year(day: date) -> None:
    year = [date(day.year, 1, 1) + timedelta(days=number) for number in range(366 if isleap(day.year) else 365)]
    kept = [birthday for one in year for birthday in birthdays_on(one)]
    assert len(kept) == len(set(kept)) == 366
    assert (229 in birthdays_on(date(day.year, 2, 28))) != isleap(day.year)


def test_the_highest_priority_pays_and_then_the_oldest() -> None:
    hour = timedelta(hours=1)
    rules = [
        rule(1),
        rule(2, priority=5, ends_at=NOON),
        rule(3, priority=4, starts_at=NOON + hour),
        rule(4, priority=3, starts_at=NOON, ends_at=NOON + hour),
        rule(5, priority=3),
        rule(6, priority=9, activity="CUSTOM", code="quiz"),
    ]
    found = [paying(rules, "REVIEW", NOON + number * hour) for number in (-1, 0, 1)]
    assert [one.id if one else None for one in found] == [2, 4, 3]
    quiz = paying(rules, "CUSTOM", NOON, "quiz")
    assert quiz is not None
    assert quiz.id == 6
    assert paying(rules, "CUSTOM", NOON, "survey") is None


@pytest.mark.parametrize(("multiplied", "precision", "points"), [(False, 0, "3.33"), (True, 2, "4.16"), (True, 0, "4.00")])
def test_a_tiers_multiplier_counts_where_the_rule_says_so(multiplied: bool, precision: int, points: str) -> None:  # noqa: FBT001
    assert rule(points=Decimal("3.33"), use_tier_multiplier=multiplied).pays(Decimal("1.25"), precision) == Decimal(points)
