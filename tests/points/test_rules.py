"""The arithmetic of a bill, for any lines and any rules: what must hold whatever the numbers are."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from math import floor

from hypothesis import example, given
from hypothesis import strategies as st

from card_service.card_config.rulebook import CategoryPercentage, Restriction, Rulebook
from card_service.points import rules
from card_service.points.redemption import points_asked
from card_service.points.rules import Item
from card_service.points.terms import Terms
from card_service.tiers.rules import Tier

HALF = Fraction(1, 200)
amounts = st.decimals(0, 20_000, places=2)
percents = st.decimals(0, 100, places=2)
rates = st.decimals(Decimal("0.0001"), 100, places=4)
categories = st.integers(1, 4)
items = st.lists(st.builds(Item, categories, amounts, st.booleans()), min_size=1, max_size=8)


def _percentages(values: dict[int, Decimal]) -> dict[int, CategoryPercentage]:
    return {category: CategoryPercentage(f"C{category}", value) for category, value in values.items()}


PLAIN = Rulebook(
    version=1,
    updated_at=datetime(2026, 3, 2, tzinfo=UTC),
    is_enabled=True,
    points_to_amount_rate=Decimal("0.1000"),
    max_redemption_percent=Decimal("50.00"),
    referral_points_percent=Decimal("0.50"),
    min_points_to_redeem=100,
    flat_discount_type="NONE",
    flat_discount_value=Decimal("0.00"),
    flat_discount_min_bill=Decimal("0.00"),
    points_precision=2,
    return_policy="DEBT",
    restore_grace_days=30,
    redemption_treatment="PAYMENT",
    pending_days=0,
    expiry_policy="NONE",
    expiry_months=24,
    hold_ttl_seconds=900,
    timezone="Asia/Kolkata",
    percentages=_percentages({1: Decimal("3.00")}),
)
rulebooks = st.builds(
    replace,
    st.just(PLAIN),
    is_enabled=st.booleans(),
    points_to_amount_rate=rates,
    max_redemption_percent=percents,
    referral_points_percent=percents,
    min_points_to_redeem=st.integers(0, 100),
    flat_discount_type=st.sampled_from(["NONE", "PERCENT", "AMOUNT"]),
    flat_discount_value=percents,
    flat_discount_min_bill=amounts,
    points_precision=st.integers(0, 2),
    percentages=st.dictionaries(categories, percents).map(_percentages),
    discounts=st.dictionaries(categories, percents).map(_percentages),
    restrictions=st.dictionaries(categories, st.builds(Restriction, *[st.booleans()] * 4)),
)

GOLD = Tier(
    id=7,
    level=3,
    name="Gold",
    min_spend=Decimal("25000.00"),
    min_points=None,
    min_orders=None,
    qualify_mode="ANY",
    period_days=365,
    multiplier=Decimal("1.50"),
    percentages={},
    discount_percent=Decimal("0.00"),
    benefits={},
    birthday_points=None,
    grace_days=0,
    downgrade="TO_QUALIFIED",
)
tiers = st.builds(
    replace,
    st.just(GOLD),
    multiplier=st.decimals(Decimal("0.01"), 10, places=2),
    percentages=st.dictionaries(categories, percents),
    discount_percent=percents,
)
terms = st.builds(Terms, st.none() | tiers)


@given(items, rulebooks, st.none() | amounts, terms)
def test_a_discount_leaves_no_line_below_zero_and_takes_nothing_off_what_the_law_excludes(
    bought: list[Item], book: Rulebook, flat: Decimal | None, on: Terms
) -> None:
    lines = rules.gather(bought, book)

    taken = rules.discount(lines, book, flat, on)

    assert sum(line.amount for line in lines) == sum(item.amount for item in bought)
    assert taken == sum(line.discount_amount for line in lines)
    for line in lines:
        assert 0 <= line.net == line.amount - line.discount_amount
        assert 0 <= line.tier_discount_amount <= line.discount_amount
        if book.restriction_of(line.category_id).discount_blocked:
            assert line.discount_amount == 0
        elif flat is not None and not flat:
            left = line.net + line.tier_discount_amount
            assert abs(Fraction(left) * Fraction(on.discount_percent) / 100 - Fraction(line.tier_discount_amount)) <= HALF


@given(items, rulebooks, amounts)
def test_lines_are_brought_down_to_the_bill_and_never_up(bought: list[Item], book: Rulebook, bill: Decimal) -> None:
    lines = rules.gather(bought, book)
    before = rules.total(lines)

    rules.prorate(lines, bill)

    assert rules.total(lines) == min(before, bill)
    assert all(0 <= line.net <= line.amount for line in lines)


@given(items, rulebooks, amounts)
def test_points_pay_for_no_more_than_a_line_and_for_nothing_the_law_excludes(
    bought: list[Item], book: Rulebook, amount: Decimal
) -> None:
    lines = rules.gather(bought, book)

    rules.pay_with_points(lines, amount)

    payable = rules.total(line for line in lines if not line.redeem_blocked)
    assert sum(line.redeemed_share for line in lines) == min(amount, payable)
    assert all(0 <= line.redeemed_share <= (0 if line.redeem_blocked else line.net) for line in lines)


@given(items, rulebooks, amounts, terms)
@example([Item(1, Decimal("33.25"))], PLAIN, Decimal("0.00"), Terms(GOLD))
def test_each_line_earns_its_exact_percentage_rounded_down_once_and_says_why(
    bought: list[Item], book: Rulebook, paid: Decimal, on: Terms
) -> None:
    lines = rules.gather(bought, book)
    rules.pay_with_points(lines, paid)

    earned = rules.earn(lines, book, on)

    step = 10**book.points_precision
    for line in lines:
        excluded = not book.is_enabled or line.earn_blocked or not line.loyalty_eligible
        exact = 0 if excluded else (Fraction(line.net) - Fraction(line.redeemed_share)) * Fraction(line.percentage) / 100
        assert Fraction(line.points) == Fraction(floor(exact * Fraction(on.multiplier) * step), step)
        assert Fraction(line.points) == Fraction(floor(exact * step), step) + sum(Fraction(why.points) for why in line.why)
        assert line.percentage == (on.tier.percentages if on.tier else {}).get(
            line.category_id, book.percentage_of(line.category_id)
        )
    assert earned == sum(line.points for line in lines)


@given(items, rulebooks, terms)
def test_the_referrer_gets_a_percentage_of_what_may_earn(bought: list[Item], book: Rulebook, on: Terms) -> None:
    lines = rules.gather(bought, book)
    rules.earn(lines, book, on)

    base = sum(Fraction(line.net) for line in lines if not line.earn_blocked and line.loyalty_eligible)
    step = 10**book.points_precision
    exact = base * Fraction(book.referral_points_percent) / 100

    assert Fraction(rules.referral(lines, book)) == Fraction(floor(exact * step), step)


@given(items, rulebooks, st.decimals(0, 1000, places=2))
def test_the_limit_is_what_the_cap_allows_and_not_a_hundredth_of_a_point_more(
    bought: list[Item], book: Rulebook, more: Decimal
) -> None:
    lines = rules.gather(bought, book)
    bill = rules.total(lines) + more

    limit = rules.redemption_limit(lines, bill, book)

    redeemable = bill - rules.total(line for line in lines if line.redeem_blocked)
    cap = Fraction(floor(Fraction(redeemable) * Fraction(book.max_redemption_percent)), 100)
    rate = Fraction(book.points_to_amount_rate)
    assert Fraction(limit.points) * rate <= cap < (Fraction(limit.points) + Fraction(1, 100)) * rate
    assert limit.amount <= cap


@given(st.decimals(0, 10**8, places=2), rates)
@example(Decimal("0.29"), Decimal(100))
def test_points_are_worth_their_exact_product_rounded_down(points: Decimal, rate: Decimal) -> None:
    assert Fraction(rules.worth(points, rate)) == Fraction(floor(Fraction(points) * Fraction(rate) * 100), 100)


@given(amounts, st.decimals(Decimal("0.0001"), 1, places=4))
def test_an_exact_sum_can_be_paid_where_a_point_is_worth_no_more_than_one(amount: Decimal, rate: Decimal) -> None:
    assert rules.worth(points_asked(None, amount, rate), rate) == amount


@given(st.decimals(0, 10**6, places=2), st.lists(st.decimals(0, 1000, places=2), min_size=1, max_size=12), st.integers(0, 2))
def test_what_is_kept_does_not_depend_on_the_number_of_returns(points: Decimal, parts: list[Decimal], places: int) -> None:
    whole = sum(parts, Decimal(0))
    left, kept, taken = whole, points, Decimal(0)
    for part in parts[:-1]:
        left -= part
        now = rules.kept(points, left, whole, places)
        assert 0 <= now <= points
        taken += kept - now
        kept = now
    if len(parts) > 1:
        assert taken == points - rules.kept(points, parts[-1], whole, places)
