"""Where figures put a card, for any ladder and any figures: what must hold whatever the numbers are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from card_service.ledger.figures import Counted, Figures, Running, falls_out, read_running, window_start, write_running
from card_service.tiers import rules
from card_service.tiers.rules import Ladder, Standing, Tier, level_of

ZONE = "Asia/Kolkata"
NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
PERIODS = (30, 365)
amounts = st.decimals(0, 5000, places=2)
figures = st.builds(Figures, amounts, amounts, st.integers(0, 20))
windows = st.fixed_dictionaries(dict.fromkeys(PERIODS, figures))


def _tier(
    level: int, needs: tuple[Decimal | None, Decimal | None, int | None], mode: str, period: int, grace: int, downgrade: str
) -> Tier:
    spend, points, orders = needs
    return Tier(
        id=100 + level,
        level=level,
        name=f"T{level}",
        min_spend=spend,
        min_points=points,
        min_orders=orders,
        qualify_mode=mode,
        period_days=period,
        multiplier=Decimal("1.00"),
        percentages={},
        discount_percent=Decimal("0.00"),
        benefits={},
        birthday_points=None,
        grace_days=grace,
        downgrade=downgrade,
    )


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    levels = draw(st.lists(st.integers(1, 20), unique=True, max_size=5))
    tiers = []
    for level in levels:
        needs = draw(st.tuples(st.none() | amounts, st.none() | amounts, st.none() | st.integers(0, 20)))
        if needs == (None, None, None) and level != min(levels):
            # Only the lowest may ask for nothing.
            continue
        mode, period = draw(st.sampled_from(["ANY", "ALL"])), draw(st.sampled_from(PERIODS))
        downgrade = draw(st.sampled_from(["NONE", "ONE_DOWN", "TO_QUALIFIED"]))
        tiers.append(_tier(level, needs, mode, period, draw(st.integers(0, 3)), downgrade))
    return Ladder.of(tiers)


def _standing(ladder: Ladder, draw: st.DataObject) -> Standing:
    ids = [tier.id for tier in ladder.tiers if not tier.is_base]
    held = draw.draw(st.sampled_from([None, *ids]))
    return Standing(
        tier_id=draw.draw(st.sampled_from([None, *ids])),
        since=draw.draw(st.sampled_from([NOW - timedelta(days=40), NOW])),
        grace_until=draw.draw(st.sampled_from([None, NOW - timedelta(hours=1), NOW + timedelta(days=1)])),
        held_id=held,
        held_until=draw.draw(st.sampled_from([None, NOW, NOW + timedelta(days=9)])) if held else None,
    )


@given(ladders(), windows, st.data())
def test_an_earn_lifts_to_the_highest_tier_that_is_met_and_never_lowers(
    ladder: Ladder, there: dict[int, Figures], data: st.DataObject
) -> None:
    before = _standing(ladder, data)

    outcome = rules.after_earn(ladder, before, there, NOW, 7)

    met = [tier.level for tier in ladder.tiers if tier.is_met_by(there)]
    was, now = (level_of(ladder.holding(one.tier_id)) for one in (before, outcome.standing))
    assert now == max([was, *met])
    assert (outcome.change is not None) == (now > was)
    assert (outcome.standing.lifted_by == 7) == (now > was)
    assert (outcome.standing.held_id, outcome.standing.held_until) == (before.held_id, before.held_until)


@given(ladders(), windows, st.data())
def test_the_return_of_the_bill_that_lifted_restores_exactly(
    ladder: Ladder, there: dict[int, Figures], data: st.DataObject
) -> None:
    before, low = _standing(ladder, data), data.draw(windows)
    lifted = rules.after_earn(ladder, before, there, NOW, 7)

    undone = rules.is_undone(ladder, lifted.standing, low, 7)

    assert not rules.is_undone(ladder, lifted.standing, low, 8)
    if not undone:
        present = ladder.holding(lifted.standing.tier_id)
        assert lifted.change is None or (present is not None and present.is_met_by(low))
        return
    back = rules.after_return(ladder, lifted.standing, low, NOW, 7, before)
    reached = level_of(ladder.reached(low))
    if reached <= level_of(ladder.holding(before.tier_id)):
        assert back.standing == before
    else:
        assert level_of(ladder.holding(back.standing.tier_id)) == reached


@given(ladders(), windows, st.data())
def test_a_review_leaves_a_card_no_lower_than_its_figures_and_what_was_set_by_hand(
    ladder: Ladder, there: dict[int, Figures], data: st.DataObject
) -> None:
    before = _standing(ladder, data)

    outcome = rules.review(ladder, before, there, NOW, ZONE)

    was, now, reached = (
        level_of(tier)
        for tier in (ladder.holding(before.tier_id), ladder.holding(outcome.standing.tier_id), ladder.reached(there))
    )
    held = level_of(ladder.by_id.get(before.held_id or 0)) if rules.is_held(before, NOW) else 0
    assert now >= reached
    assert now >= min(was, held)
    assert (outcome.standing.held_id is None) == (held == 0)
    if outcome.standing.grace_until is not None:
        assert now == was > reached
        present = ladder.holding(before.tier_id)
        waits = present is not None and present.downgrade == "ONE_DOWN" and before.since == NOW
        assert outcome.standing.grace_until > NOW or waits
    # Once more at the same instant: no second step by ONE_DOWN, and nothing goes up again.
    again = rules.review(ladder, outcome.standing, there, NOW, ZONE)
    assert level_of(ladder.holding(again.standing.tier_id)) <= now
    if (landed := ladder.holding(outcome.standing.tier_id)) is not None and landed.downgrade == "ONE_DOWN":
        assert again.change is None or again.change.type == "GRACE"


@given(ladders(), windows)
def test_reviews_without_grace_end_where_the_figures_are(ladder: Ladder, there: dict[int, Figures]) -> None:
    ladder = Ladder.of([replace(tier, grace_days=0, downgrade="TO_QUALIFIED") for tier in ladder.tiers])
    for tier in ladder.tiers:
        standing = Standing(tier_id=None if tier.is_base else tier.id)
        outcome = rules.review(ladder, standing, there, NOW, ZONE)
        present = ladder.holding(outcome.standing.tier_id)
        # A card may be in a tier that it reaches although a lower one asks for more.
        assert present == ladder.reached(there) or (present == tier and tier.is_met_by(there))


days = st.integers(0, 400)
bills = st.lists(st.tuples(days, amounts, amounts, st.sampled_from(["stays", "half", "gone"])), max_size=8)


@given(bills, st.integers(0, 40))
def test_running_figures_are_those_of_the_bills_while_they_are_exact(
    bought: list[tuple[int, Decimal, Decimal, str]], later: int
) -> None:
    running = Running(ZONE, {period: Figures() for period in PERIODS})
    kept = []
    for ago, spend, points, fate in bought:
        at = NOW - timedelta(days=ago)
        bill = Counted(at, spend, points, 1)
        running = running.moved(NOW, None, bill)
        after = {"stays": bill, "half": Counted(at, spend / 2, points / 2, 1), "gone": Counted(at, Decimal(0), Decimal(0), 0)}
        running = running.moved(NOW, bill, after[fate])
        kept.append(after[fate])
    now = NOW + timedelta(days=later)

    assert read_running(write_running(running)) == running
    for period in PERIODS:
        start = window_start(now, ZONE, period)
        inside = [bill for bill in kept if bill.occurred_at >= start]
        if not running.is_exact(now, ZONE, [period]):
            was_inside = [bill for bill in kept if bill.occurred_at >= window_start(NOW, ZONE, period)]
            assert min(falls_out(bill.occurred_at, ZONE, period) for bill in was_inside) <= now
            continue
        found = running.windows[period]
        assert found.spend == sum((bill.spend for bill in inside), Decimal(0))
        assert found.points == sum((bill.points for bill in inside), Decimal(0))
        assert found.orders == sum(bill.orders for bill in inside)
        assert all(falls_out(bill.occurred_at, ZONE, period) > now for bill in inside)
