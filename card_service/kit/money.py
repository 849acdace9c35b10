"""Exact arithmetic on amounts and points: everything here is integer arithmetic on hundredths.

A quotient of two Decimals is rounded to the context's precision before it can be rounded down, so it
could come out one paisa wrong; a quotient of integers cannot.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

ZERO = Decimal("0.00")
CENT = Decimal("0.01")
HUNDRED = Decimal(100)
MAX_AMOUNT = Decimal("9999999999.99")
"""The largest amount or number of points that a DECIMAL(12,2) holds."""

_STEPS = {0: Decimal(1), 1: Decimal("0.1"), 2: CENT}


def paise(amount: Decimal) -> int:
    """Hundredths of an amount that has at most two decimals."""
    return int(amount.scaleb(2))


def from_paise(value: int) -> Decimal:
    """Turn whole hundredths into an amount with two decimals."""
    return Decimal(value).scaleb(-2)


def round_down(value: Decimal, places: int = 2) -> Decimal:
    """Towards zero to `places` (0..2) decimals, written with two."""
    return value.quantize(_STEPS[places], ROUND_DOWN).quantize(CENT)


def round_up(value: Decimal) -> Decimal:
    """To the next hundredth that is not less; not negative."""
    return value.quantize(CENT, ROUND_CEILING)


def round_half_up(value: Decimal) -> Decimal:
    """To the nearest hundredth, half away from zero."""
    return value.quantize(CENT, ROUND_HALF_UP)


def ratio_down(value: Fraction, places: int = 2) -> Decimal:
    """Round a non-negative exact ratio down to `places` decimals, written with two."""
    scaled = value * 10**places
    return Decimal(scaled.numerator // scaled.denominator).scaleb(-places).quantize(CENT)


def divide_down(dividend: Decimal, divisor: Decimal) -> Decimal:
    """ROUND_DOWN(dividend / divisor, 2), exactly; both are positive."""
    return ratio_down(Fraction(dividend) / Fraction(divisor))


def divide_up(dividend: Decimal, divisor: Decimal) -> Decimal:
    """ROUND_UP(dividend / divisor, 2), exactly; both are positive."""
    scaled = Fraction(dividend) / Fraction(divisor) * 100
    return Decimal(-(-scaled.numerator // scaled.denominator)).scaleb(-2).quantize(CENT, ROUND_CEILING)


def allocate(total: Decimal, weights: Sequence[tuple[int, Decimal]]) -> list[Decimal]:
    """Spread `total` over lines in proportion to their amounts, by largest remainder to the paisa.

    `weights` are (category id, amount) in any order; the shares come back in the same order and add up to
    `total` exactly. Remainders are compared as integers; ties go to the larger line, then the smaller
    category id, then the earlier line (docs/contract.md section 6). With `total` no larger than the sum of
    the amounts no share is larger than its line.
    """
    whole = sum(paise(amount) for _, amount in weights)
    cents = paise(total)
    if whole == 0 or cents == 0:
        return [ZERO for _ in weights]
    shares, remainders = [], []
    for _, amount in weights:
        share, remainder = divmod(cents * paise(amount), whole)
        shares.append(share)
        remainders.append(remainder)
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], -weights[i][1], weights[i][0], i))
    for i in order[: cents - sum(shares)]:
        shares[i] += 1
    return [from_paise(share) for share in shares]
