"""Until when points are valid, for any policy, any number of months and any day: what must hold whatever they are."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_service.card_config.rules import add_months, last_valid_day

DAY = timedelta(days=1)
days = st.dates(date(2000, 1, 1), date(2199, 12, 31))
numbers = st.integers(1, 120)
policies = st.sampled_from(["ROLLING", "END_OF_PERIOD", "INACTIVITY"])


@pytest.mark.parametrize(
    ("policy", "months", "day", "last"),
    [
        ("NONE", 12, "2026-01-31", None),
        ("ROLLING", 1, "2026-01-31", "2026-02-28"),
        ("ROLLING", 1, "2028-01-31", "2028-02-29"),
        ("ROLLING", 12, "2028-02-29", "2029-02-28"),
        ("ROLLING", 48, "2028-02-29", "2032-02-29"),
        ("ROLLING", 11, "2026-01-31", "2026-12-31"),
        ("INACTIVITY", 1, "2026-12-15", "2027-01-15"),
        ("END_OF_PERIOD", 12, "2026-01-01", "2026-12-31"),
        ("END_OF_PERIOD", 12, "2026-12-31", "2026-12-31"),
        ("END_OF_PERIOD", 24, "2026-07-14", "2027-12-31"),
        ("END_OF_PERIOD", 3, "2026-03-31", "2026-03-31"),
        ("END_OF_PERIOD", 3, "2026-04-01", "2026-06-30"),
        ("END_OF_PERIOD", 9, "2026-11-30", "2027-06-30"),
        ("END_OF_PERIOD", 1, "2028-02-01", "2028-02-29"),
        ("END_OF_PERIOD", 2, "2026-12-01", "2027-01-31"),
    ],
)
def test_the_contract_to_the_day(policy: str, months: int, day: str, last: str | None) -> None:
    found = last_valid_day(policy, months, date.fromisoformat(day))
    assert found == (last and date.fromisoformat(last))


@given(policies, numbers, days)
def test_points_are_valid_on_the_day_on_which_they_become_available(policy: str, months: int, day: date) -> None:
    last = last_valid_day(policy, months, day)
    assert last is not None
    assert day <= last <= add_months(day, months)


@given(policies, numbers, days, st.integers(0, 1000))
def test_later_points_never_end_before_earlier_ones(policy: str, months: int, day: date, later: int) -> None:
    first, second = last_valid_day(policy, months, day), last_valid_day(policy, months, day + later * DAY)
    assert first is not None
    assert second is not None
    assert first <= second


@given(numbers, days)
def test_a_month_is_the_same_day_or_the_last_of_a_shorter_month(months: int, day: date) -> None:
    found = add_months(day, months)
    assert (found.year - day.year) * 12 + found.month - day.month == months
    assert found.day == day.day or (found.day < day.day and (found + DAY).day == 1)


@given(numbers, days)
def test_a_period_ends_with_a_month_of_its_kind_and_has_as_many_months_as_were_asked_for(months: int, day: date) -> None:
    last = last_valid_day("END_OF_PERIOD", months, day)
    assert last is not None
    assert (last + DAY).day == 1
    length = 12 if months % 12 == 0 else 3 if months % 3 == 0 else 1
    assert last.month % length == 0
    # The first period is that of the day: so many months before the end, and not a period more.
    began = add_months(last + DAY, -months)
    assert began <= day < add_months(began, length)


@given(numbers, days)
def test_a_whole_period_ends_together(months: int, day: date) -> None:
    last = last_valid_day("END_OF_PERIOD", months, day)
    tomorrow = last_valid_day("END_OF_PERIOD", months, day + DAY)
    length = 12 if months % 12 == 0 else 3 if months % 3 == 0 else 1
    is_first_of_period = (day + DAY).day == 1 and (day + DAY).month % length == 1 % length
    assert (tomorrow != last) == is_first_of_period
