"""How campaigns multiply a line together, and what of the line's points is whose: pure functions, exact.

docs/programme.md section 3. A multiplier has two decimals, a product of several has more; so they are fractions until the one
rounding at the end of the line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import prod

from card_service.campaigns.campaign import CATEGORY_BONUS, POINTS_MULTIPLIER, Campaign
from card_service.kit.money import ZERO, ratio_down

BEST, ADDITIVE, MULTIPLY = STACKINGS = ("BEST", "ADDITIVE", "MULTIPLY")
ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Stacked:
    """The points of a line with its campaigns, the multiplier that made them, and what each campaign gave of them."""

    points: Decimal
    multiplier: Fraction
    parts: tuple[tuple[Campaign, Decimal], ...] = ()


def of_line(campaigns: Sequence[Campaign], category_id: int) -> list[Campaign]:
    """Give the campaigns that multiply a line of this category, in their order."""
    return [
        one
        for one in campaigns
        if one.type == POINTS_MULTIPLIER or (one.type == CATEGORY_BONUS and category_id in one.conditions.category_ids)
    ]


def counting(campaigns: Sequence[Campaign], stacking: str) -> list[Campaign]:
    """Leave the one that counts of campaigns in their order (BEST), or all of them."""
    if stacking != BEST or not campaigns:
        return list(campaigns)
    return [max(campaigns, key=_over_one)]  # the first of several that are equal


def total_multiplier(tier: Decimal, campaigns: Sequence[Campaign], stacking: str, most: Decimal) -> Fraction:
    """Multiply the tier by the campaigns that count, up to `most`; a tier alone may pass it."""
    if stacking == MULTIPLY:
        together = prod((Fraction(one.multiplier or 1) for one in campaigns), start=ONE)
    else:
        together = ONE + sum((_over_one(one) for one in campaigns), Fraction(0))
    return max(Fraction(tier), min(Fraction(tier) * together, Fraction(most)))


def stack(
    hundredth_points: Decimal,
    tier: Decimal,
    alone: Decimal,
    campaigns: Sequence[Campaign],
    *,
    stacking: str,
    most: Decimal,
    precision: int,
) -> Stacked:
    """Multiply a line whose base times percentage is `hundredth_points`, and which earns `alone` by its tier alone."""
    mine = counting(campaigns, stacking)
    multiplier = total_multiplier(tier, mine, stacking, most)
    points = ratio_down(Fraction(hundredth_points) * multiplier / 100, precision)
    shares = share(points - alone, mine, precision)
    return Stacked(points, multiplier, tuple(zip(mine, shares, strict=True)))


def share(points: Decimal, campaigns: Sequence[Campaign], precision: int) -> list[Decimal]:
    """Share points among campaigns in their order, in proportion to `m - 1`, by largest remainder to the precision."""
    weights = [int(_over_one(one) * 100) for one in campaigns]
    whole = sum(weights)
    if not points or not whole:
        return [ZERO for _ in campaigns]
    steps = int(points.scaleb(precision))
    shares = [steps * weight // whole for weight in weights]
    remainders = [steps * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for i in order[: steps - sum(shares)]:
        shares[i] += 1
    return [Decimal(one).scaleb(-precision).quantize(ZERO) for one in shares]


def shown(multiplier: Fraction) -> Decimal:
    """Write a multiplier for an answer: HALF_UP to 4 decimals, of which the two last are left off when they are 0."""
    scaled = (multiplier * 10_000 + Fraction(1, 2)).__floor__()
    value = Decimal(scaled).scaleb(-4)
    short = value.quantize(ZERO, ROUND_HALF_UP)
    return short if short == value else value


def _over_one(campaign: Campaign) -> Fraction:
    return Fraction(campaign.multiplier or 1) - 1
