"""The pure rules of campaigns, by example and by properties over random ones."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_service.campaigns.campaign import WEEKDAYS, Campaign, Conditions, Counted, Standing
from card_service.campaigns.rules import Visit, challenge_until, in_hours, judge, points_left
from card_service.campaigns.stacking import STACKINGS, counting, share, stack, total_multiplier
from card_service.kit.money import ratio_down, round_down

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
KOLKATA, BERLIN = "Asia/Kolkata", "Europe/Berlin"
multipliers = st.integers(101, 10_000).map(lambda value: Decimal(value).scaleb(-2))
clocks = st.times().map(lambda value: value.replace(second=0, microsecond=0))


def _campaign(number: int = 1, multiplier: str | Decimal = "2.00", **fields: object) -> Campaign:
    found: dict[str, object] = {"multiplier": Decimal(multiplier), **fields}
    return Campaign(number, f"Campaign {number}", "POINTS_MULTIPLIER", "ACTIVE", START, END, **found)  # type: ignore[arg-type]


def _at(text: str, zone: str = KOLKATA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("instant", "runs"),
    [
        ("2026-03-06T21:59", False), ("2026-03-06T22:00", True), ("2026-03-07T01:59", True), ("2026-03-07T02:00", False),
        ("2026-03-07T22:00", False), ("2026-03-08T01:00", False), ("2026-03-06T01:00", False),
    ],
)  # fmt: skip
def test_hours_over_midnight_belong_to_the_day_on_which_they_begin(instant: str, runs: bool) -> None:  # noqa: FBT001
    friday_night = _campaign(conditions=Conditions(("FRI",), time(22), time(2)))
    assert in_hours(friday_night, _at(instant), KOLKATA) is runs


def test_the_wall_clock_counts_when_summer_time_begins_and_ends() -> None:
    night = _campaign(conditions=Conditions((), time(2), time(3)))
    spring = [datetime(2026, 3, 29, 0, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(8)]
    autumn = [datetime(2026, 10, 25, 0, tzinfo=UTC) + timedelta(minutes=30 * n) for n in range(8)]
    assert not any(in_hours(night, instant, BERLIN) for instant in spring)  # 02:00 to 03:00 does not come
    assert sum(in_hours(night, instant, BERLIN) for instant in autumn) == 4  # and comes twice


@given(clocks, clocks, st.sets(st.sampled_from(WEEKDAYS)), st.integers(0, 364 * 24 * 60))
def test_hours_and_their_complement_cover_every_instant_once(start: time, end: time, days: set[str], minutes: int) -> None:
    if start == end:
        return
    instant = START + timedelta(minutes=minutes)
    inside = _campaign(conditions=Conditions(tuple(days), start, end))
    outside = _campaign(conditions=Conditions(tuple(days), end, start))
    every_day = _campaign(conditions=Conditions((), start, end))
    others = _campaign(conditions=Conditions((), end, start))
    assert in_hours(every_day, instant, BERLIN) is not in_hours(others, instant, BERLIN)
    if not days:
        assert in_hours(inside, instant, BERLIN) is not in_hours(outside, instant, BERLIN)


def test_a_challenge_lasts_whole_days_of_the_tenant() -> None:
    joined = _at("2026-03-02T23:59")
    challenge = _campaign(days=2)
    assert challenge_until(challenge, joined, KOLKATA) == _at("2026-03-04T00:00")
    assert challenge_until(_campaign(days=400), joined, KOLKATA) == END


@pytest.mark.parametrize(("stacking", "points"), [("BEST", "18.75"), ("ADDITIVE", "25.00"), ("MULTIPLY", "37.50")])
def test_the_worked_example(stacking: str, points: str) -> None:
    both = [_campaign(1, "2.00"), _campaign(2, "3.00")]
    got = stack(Decimal(500), Decimal("1.25"), Decimal("6.25"), both, stacking=stacking, most=Decimal(10), precision=2)
    assert got.points == Decimal(points)
    assert sum(part for _, part in got.parts) == got.points - Decimal("6.25")


@given(
    st.lists(multipliers, min_size=1, max_size=5),
    st.sampled_from(STACKINGS),
    st.integers(0, 10**9),
    st.integers(1, 1000),
    st.integers(100, 5000),
    st.integers(0, 2),
)
def test_what_campaigns_give_is_shared_to_the_last_step(
    values: list[Decimal], stacking: str, paise: int, tier: int, most: int, precision: int
) -> None:
    campaigns = [_campaign(number, value) for number, value in enumerate(values, 1)]
    whole, tier_multiplier, cap = Decimal(paise).scaleb(-2), Decimal(tier).scaleb(-2), Decimal(most).scaleb(-2)
    alone = ratio_down(Fraction(whole) * Fraction(tier_multiplier) / 100, precision)
    got = stack(whole, tier_multiplier, alone, campaigns, stacking=stacking, most=cap, precision=precision)
    assert got.points >= alone
    assert sum((part for _, part in got.parts), Decimal(0)) == got.points - alone
    assert all(part >= 0 and part == round_down(part, precision) for _, part in got.parts)
    assert got.multiplier <= max(Fraction(cap), Fraction(tier_multiplier))
    assert got.points == ratio_down(Fraction(whole) * got.multiplier / 100, precision)
    if stacking == "BEST":
        (best,) = got.parts
        assert best[0].multiplier == max(values)
        assert best[0].id == 1 + values.index(max(values))
    best_of, added, product = (total_multiplier(Decimal(1), counting(campaigns, one), one, Decimal(10**6)) for one in STACKINGS)
    assert best_of <= added <= product


@given(st.integers(0, 10**8), st.lists(multipliers, min_size=1, max_size=6), st.integers(0, 2))
def test_no_share_is_a_step_away_from_its_proportion(steps: int, values: list[Decimal], precision: int) -> None:
    campaigns = [_campaign(number, value) for number, value in enumerate(values, 1)]
    points = Decimal(steps).scaleb(-precision)
    step, whole = Fraction(1, 10**precision), sum(Fraction(value) - 1 for value in values)
    for part, value in zip(share(points, campaigns, precision), values, strict=True):
        assert abs(Fraction(part) - Fraction(points) * (Fraction(value) - 1) / whole) < step


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 2))
def test_a_budget_is_never_passed_by_what_it_allows(budget: int, spent: int, rate: int, precision: int) -> None:
    visit = Visit(START, KOLKATA, Decimal(rate).scaleb(-4), precision)
    money, gone = Decimal(budget).scaleb(-2), Decimal(spent).scaleb(-2)
    left = points_left(_campaign(budget=money), visit, Standing(whole=Counted(amount=gone)))
    assert left is not None
    assert round_down(left * visit.rate) <= max(money - gone, Decimal(0))
    assert left == round_down(left, precision)
    one_more = (left + Decimal(1).scaleb(-precision)) * visit.rate
    assert one_more > money - gone


def test_the_first_reason_that_holds_is_told() -> None:
    conditions = Conditions(("MON",), None, None, frozenset({1}), frozenset({"a"}), frozenset({7}))
    fields: dict[str, Any] = {
        "opt_in": True,
        "min_spend": Decimal(10),
        "max_uses": 1,
        "max_points": Decimal(1),
        "max_uses_per_card": 1,
    }
    hard = _campaign(conditions=conditions, **fields, max_points_per_card=Decimal(1), budget=Decimal(1))
    used = Counted(1, Decimal(1), Decimal(1))
    joined = Counted(1, Decimal(1), Decimal(1), joined_at=START)
    monday, tuesday = _at("2026-03-02T12:00"), _at("2026-03-03T12:00")
    best = {"tier_id": 1, "segments": frozenset({"a"}), "bill_amount": Decimal(10), "categories": frozenset({7})}

    def reason(instant: datetime, standing: Standing, **facts: object) -> str | None:
        visit = Visit(instant, KOLKATA, Decimal(1), 2, **facts)  # type: ignore[arg-type]
        found = judge([hard], visit, {1: standing})
        return found[0].reason if found else "NOT_RUNNING"

    told = [
        reason(END, Standing(used, used)),
        reason(tuesday, Standing(used, used)),
        reason(monday, Standing(used, used)),
        reason(monday, Standing(used, used), tier_id=1),
        reason(monday, Standing(used, used), tier_id=1, segments=frozenset({"a"})),
        reason(monday, Standing(used, joined), **(best | {"bill_amount": Decimal("9.99")})),
        reason(monday, Standing(used, joined), **(best | {"categories": frozenset({8})})),
        reason(monday, Standing(used, joined), **best),
        reason(monday, Standing(Counted(0, Decimal(1), Decimal(1)), joined), **best),
        reason(monday, Standing(Counted(0, amount=Decimal(1)), joined), **best),
        reason(monday, Standing(Counted(0, amount=Decimal(1)), Counted(0, Decimal(1), joined_at=START)), **best),
        reason(monday, Standing(Counted(0, amount=Decimal(1)), Counted(joined_at=START)), **best),
        reason(monday, Standing(card=Counted(joined_at=START)), **best),
    ]
    assert told == [
        "NOT_RUNNING", "OUTSIDE_HOURS", "TIER", "SEGMENT", "NOT_JOINED", "MIN_SPEND", "NO_CATEGORY", "USES_EXHAUSTED",
        "POINTS_EXHAUSTED", "CARD_USES_EXHAUSTED", "CARD_POINTS_EXHAUSTED", "BUDGET_SPENT", None,
    ]  # fmt: skip
