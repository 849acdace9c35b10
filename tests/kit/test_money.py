"""Exact arithmetic, against ratios that are never rounded."""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from card_service.kit.money import (
    MAX_AMOUNT,
    allocate,
    divide_down,
    divide_up,
    from_paise,
    paise,
    ratio_down,
    round_down,
    round_half_up,
)

amounts = st.decimals(0, MAX_AMOUNT, places=2)
positive = st.decimals(Decimal("0.01"), MAX_AMOUNT, places=2)
rates = st.decimals(Decimal("0.0001"), 100, places=4)
places = st.integers(0, 2)
lines = st.lists(st.tuples(st.integers(1, 9), st.decimals(0, 50_000, places=2)), min_size=1, max_size=8)
# Few different amounts, so that remainders tie.
alike = st.lists(st.tuples(st.integers(1, 9), st.sampled_from([Decimal("0.01"), Decimal("0.02"), Decimal(1)])), max_size=8)
products = st.decimals(0, 10**12, places=6)


@given(amounts)
def test_paise_and_back_is_the_same_amount(amount: Decimal) -> None:
    assert from_paise(paise(amount)) == amount


@given(products, places)
def test_round_down_is_the_floor_at_its_decimals(value: Decimal, decimals: int) -> None:
    expected = Fraction(floor(Fraction(value) * 10**decimals), 10**decimals)

    found = round_down(value, decimals)

    assert Fraction(found) == expected
    assert found.as_tuple().exponent == -2


@given(st.one_of(products, st.integers(0, 10**12).map(lambda halves: Decimal(halves) / 200)))
@example(Decimal("0.125"))
@example(Decimal("2.675"))
def test_round_half_up_is_the_nearest_hundredth_and_the_upper_one_in_the_middle(value: Decimal) -> None:
    assert Fraction(round_half_up(value)) == Fraction(floor(Fraction(value) * 100 + Fraction(1, 2)), 100)


@given(positive, positive, places)
def test_ratio_down_is_the_floor_of_the_exact_ratio(dividend: Decimal, divisor: Decimal, decimals: int) -> None:
    ratio = Fraction(dividend) / Fraction(divisor)

    assert Fraction(ratio_down(ratio, decimals)) == Fraction(floor(ratio * 10**decimals), 10**decimals)


@given(amounts, rates)
def test_a_division_is_rounded_once_and_exactly(dividend: Decimal, divisor: Decimal) -> None:
    hundredths = Fraction(dividend) / Fraction(divisor) * 100

    assert Fraction(divide_down(dividend, divisor)) == Fraction(floor(hundredths), 100)
    assert Fraction(divide_up(dividend, divisor)) == Fraction(ceil(hundredths), 100)


def test_a_quotient_is_not_rounded_to_the_digits_of_a_decimal_before() -> None:
    # In the 28 digits of a Decimal this ratio is 1, and nothing is left to round down.
    assert ratio_down(1 - Fraction(1, 10**40)) == Decimal("0.99")
    assert divide_up(Decimal("0.01"), Decimal(100)) == Decimal("0.01")


@given(st.one_of(lines, alike), st.data())
def test_shares_add_up_and_none_is_a_paisa_away_from_its_exact_part(
    weights: list[tuple[int, Decimal]], data: st.DataObject
) -> None:
    whole = sum((amount for _, amount in weights), Decimal(0))
    total = data.draw(st.decimals(0, whole, places=2))

    shares = allocate(total, weights)

    assert sum(shares) == (total if whole else 0)
    for share, (_, amount) in zip(shares, weights, strict=True):
        assert 0 <= share <= amount
        if whole:
            assert abs(Fraction(share) - Fraction(total) * Fraction(amount) / Fraction(whole)) < Fraction(1, 100)


@given(st.one_of(lines, alike), st.data())
def test_the_odd_paise_go_to_the_largest_remainders(weights: list[tuple[int, Decimal]], data: st.DataObject) -> None:
    total = data.draw(st.decimals(0, sum((amount for _, amount in weights), Decimal(0)), places=2))

    assert allocate(total, weights) == _by_exact_remainders(total, weights)


def _by_exact_remainders(total: Decimal, weights: list[tuple[int, Decimal]]) -> list[Decimal]:
    """Give the paise out one by one: to the largest remainder, then the larger line, then the smaller category id."""
    whole = sum((amount for _, amount in weights), Decimal(0))
    if not whole:
        return [Decimal(0) for _ in weights]
    exact = [Fraction(total) * 100 * Fraction(amount) / Fraction(whole) for _, amount in weights]
    shares = [floor(part) for part in exact]
    waiting = list(range(len(weights)))
    while sum(shares) < total * 100:
        chosen = waiting[0]
        for other in waiting[1:]:
            ours = (exact[chosen] % 1, weights[chosen][1], -weights[chosen][0])
            if (exact[other] % 1, weights[other][1], -weights[other][0]) > ours:
                chosen = other
        waiting.remove(chosen)
        shares[chosen] += 1
    return [Decimal(share).scaleb(-2) for share in shares]


@given(alike, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_no_share(weights: list[tuple[int, Decimal]], random: object) -> None:
    different = list(dict(weights).items())
    total = sum((amount for _, amount in different), Decimal(0)) / 2
    total = total.quantize(Decimal("0.01"))
    shuffled = list(different)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random

    shares = dict(zip(different, allocate(total, different), strict=True))

    assert dict(zip(shuffled, allocate(total, shuffled), strict=True)) == shares


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        ("0.01", [(1, "1.00"), (2, "1.00")], ["0.01", "0.00"]),
        ("0.01", [(2, "1.00"), (1, "1.00")], ["0.00", "0.01"]),
        ("100.00", [(1, "33.34"), (2, "33.33"), (3, "33.33")], ["33.34", "33.33", "33.33"]),
        ("0.00", [(1, "5.00")], ["0.00"]),
        ("5.00", [(1, "0.00")], ["0.00"]),
        ("0.05", [(1, "0.03"), (2, "0.03"), (3, "0.03")], ["0.02", "0.02", "0.01"]),
    ],
)
def test_ties_go_to_the_larger_line_then_to_the_smaller_category(
    total: str, weights: list[tuple[int, str]], shares: list[str]
) -> None:
    assert allocate(Decimal(total), [(key, Decimal(amount)) for key, amount in weights]) == [Decimal(share) for share in shares]
