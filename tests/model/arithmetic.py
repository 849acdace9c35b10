"""Exact numbers: every amount is a Fraction, and each rounding of docs/contract.md section 6 is one function."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import NamedTuple

PAISE = 100
ZERO = Fraction(0)


def exact(value: Decimal | float | str) -> Fraction:
    """Read a number of a request body; a float means the decimal digits it prints as."""
    return Fraction(str(value))


def round_down(value: Fraction, places: int = 2) -> Fraction:
    """Cut off all but `places` decimals, towards zero."""
    scale = 10**places
    return Fraction(floor(abs(value) * scale), scale) * (-1 if value < 0 else 1)


def round_up(value: Fraction, places: int = 2) -> Fraction:
    """Round a value that is not negative up to `places` decimals."""
    scale = 10**places
    return Fraction(ceil(value * scale), scale)


def round_half_up(value: Fraction, places: int = 2) -> Fraction:
    """Round a value that is not negative to the nearest at `places` decimals, a half upwards."""
    scale = 10**places
    return Fraction(floor(value * scale + Fraction(1, 2)), scale)


def shown(value: Fraction) -> Decimal:
    """Print an amount of whole paise (or hundredths of a point) as the Decimal the API answers."""
    return shown_to(value, 2)


def shown_to(value: Fraction, places: int) -> Decimal:
    """Print a number that has no more than `places` decimals."""
    scaled = value * 10**places
    if scaled.denominator != 1:
        message = f"{value} has more than {places} decimals: a rounding was forgotten"
        raise ValueError(message)
    return Decimal(scaled.numerator).scaleb(-places)


class Weight(NamedTuple):
    """What decides a line's part of a spread amount: its own size, then, in a tie, its category."""

    amount: Fraction
    category_id: int


def spread(total: Fraction, weights: Sequence[Weight]) -> list[Fraction]:
    """Spread `total` over lines by largest remainder to the paisa; the parts add up to it exactly.

    Ties of the remainders go to the larger line, then the smaller category, then the earlier of two lines of a
    category. Nothing is given when all weights are zero.
    """
    whole = sum((weight.amount for weight in weights), ZERO)
    if whole == 0:
        return [ZERO for _ in weights]
    ideal = [total * PAISE * weight.amount / whole for weight in weights]
    paise = [floor(part) for part in ideal]
    by_claim = sorted(
        range(len(weights)),
        key=lambda i: (paise[i] - ideal[i], -weights[i].amount, weights[i].category_id),
    )
    left_over = total * PAISE - sum(paise)
    for i in by_claim[: int(left_over)]:
        paise[i] += 1
    return [Fraction(part, PAISE) for part in paise]
