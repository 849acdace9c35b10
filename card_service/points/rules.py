"""The arithmetic of a bill: pure functions over its lines, exact to the paisa (docs/contract.md section 6).

The order is that of the counter: category discounts, the tier's, the flat discount, the points payment, then
earning. Each step takes the lines that the step before left and fills in its own figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from card_service.card_config.rulebook import Rulebook
from card_service.kit.money import (
    HUNDRED,
    ZERO,
    allocate,
    divide_down,
    ratio_down,
    round_down,
    round_half_up,
    round_up,
)
from card_service.points.terms import ONE, Part, Terms, Why


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a request; `loyalty_eligible` is false for what is no sale of goods, such as a gift card."""

    category_id: int
    amount: Decimal
    loyalty_eligible: bool = True


@dataclass(slots=True)
class Line:
    """All items of one category: `amount` before discounts, `net` after them, `base` what is left to earn on."""

    category_id: int
    loyalty_eligible: bool
    amount: Decimal
    net: Decimal
    discount_percentage: Decimal = ZERO
    discount_amount: Decimal = ZERO
    tier_discount_amount: Decimal = ZERO
    redeemed_share: Decimal = ZERO
    base: Decimal = ZERO
    percentage: Decimal = ZERO
    multiplier: Decimal = ONE
    points: Decimal = ZERO
    excluded_reason: str | None = None
    earn_blocked: bool = False
    redeem_blocked: bool = False
    why: list[Why] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    tier_multiplier: Decimal | None = None

    @property
    def eligible_amount(self) -> Decimal:
        """What earns on this line: nothing where the law, the line or the tenant excludes it."""
        return (
            ZERO
            if self.excluded_reason in {"RESTRICTED", "NOT_ELIGIBLE", "CARD_SYSTEM_DISABLED", "PROGRAM_NOT_ACTIVE"}
            else self.base
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """The most that can be paid in points on a bill, whatever the card holds."""

    points: Decimal
    amount: Decimal


def gather(items: Iterable[Item], rules: Rulebook) -> list[Line]:
    """Sum the items of one category into its line, in order of first appearance."""
    lines: dict[tuple[int, bool], Line] = {}
    for item in items:
        line = lines.get((item.category_id, item.loyalty_eligible))
        if line is None:
            restriction = rules.restriction_of(item.category_id)
            lines[item.category_id, item.loyalty_eligible] = Line(
                item.category_id,
                item.loyalty_eligible,
                item.amount,
                item.amount,
                earn_blocked=restriction.earn_blocked,
                redeem_blocked=restriction.redeem_blocked,
            )
        else:
            line.amount += item.amount
            line.net += item.amount
    return list(lines.values())


def total(lines: Iterable[Line]) -> Decimal:
    """Sum what the lines cost after discounts."""
    return sum((line.net for line in lines), ZERO)


def discount(lines: Sequence[Line], rules: Rulebook, flat_discount: Decimal | None, terms: Terms) -> Decimal:
    """Take off the category discounts, then the tier's, then the flat one; gives all that was taken off.

    `flat_discount` is an amount that the request names instead of the configured one.
    """
    open_lines = [line for line in lines if not rules.restriction_of(line.category_id).discount_blocked]
    for line in open_lines:
        line.discount_percentage = rules.discount_of(line.category_id)
        of_category = round_half_up(line.amount * line.discount_percentage / HUNDRED)
        line.tier_discount_amount = round_half_up((line.amount - of_category) * terms.discount_percent / HUNDRED)
        line.discount_amount = of_category + line.tier_discount_amount
        line.net = line.amount - line.discount_amount
    flat = min(_flat_discount(lines, open_lines, rules, flat_discount), total(open_lines))
    for line, share in _spread(flat, open_lines):
        line.discount_amount += share
        line.net -= share
    return sum((line.discount_amount for line in lines), ZERO)


def _flat_discount(lines: Sequence[Line], open_lines: Sequence[Line], rules: Rulebook, flat_discount: Decimal | None) -> Decimal:
    if flat_discount is not None:
        return flat_discount
    if rules.flat_discount_type == "NONE" or total(lines) < rules.flat_discount_min_bill:
        return ZERO
    if rules.flat_discount_type == "AMOUNT":
        return rules.flat_discount_value
    return round_half_up(total(open_lines) * rules.flat_discount_value / HUNDRED)


def prorate(lines: Sequence[Line], bill_amount: Decimal) -> None:
    """Bring lines that add up to more than the bill down to it; a bill that is larger is left as it is."""
    if total(lines) > bill_amount:
        for line, share in _spread(bill_amount, lines):
            line.net = share


def redemption_limit(lines: Sequence[Line], bill_amount: Decimal, rules: Rulebook) -> Limit:
    """Find the most points that may pay for this bill: a percentage of what may be paid in points at all."""
    redeemable = bill_amount - total(line for line in lines if line.redeem_blocked)
    cap = round_down(redeemable * rules.max_redemption_percent / HUNDRED)
    points = divide_down(cap, rules.points_to_amount_rate)
    return Limit(points, worth(points, rules.points_to_amount_rate))


def worth(points: Decimal, rate: Decimal) -> Decimal:
    """Tell what points are worth in money, rounded down to the paisa."""
    return round_down(points * rate)


def cost(points: Decimal, rate: Decimal) -> Decimal:
    """Tell what points cost a budget, rounded up to the paisa: what costs nothing could be given for ever."""
    return round_up(points * rate)


def pay_with_points(lines: Sequence[Line], amount: Decimal) -> None:
    """Spread what points have paid over the lines that they may pay for, never more than the line."""
    payable = [line for line in lines if not line.redeem_blocked]
    for line, share in _spread(min(amount, total(payable)), payable):
        line.redeemed_share = share


def points_of(lines: Iterable[Line]) -> Decimal:
    """Sum the points of the lines."""
    return sum((line.points for line in lines), ZERO)


def earn(lines: Sequence[Line], rules: Rulebook, terms: Terms) -> Decimal:
    """Work out each line's points, rounded down once at the end of the line, and why; gives their sum."""
    for line in lines:
        line.base = line.net - line.redeemed_share
        line.percentage = terms.percentage_of(line.category_id, rules)
        line.multiplier = terms.multiplier
        line.excluded_reason = _why_excluded(line, rules, terms)
        line.points = ZERO
        line.why = []
        if line.excluded_reason is None:
            whole = line.base * line.percentage / HUNDRED
            line.points = round_down(whole * line.multiplier, rules.points_precision)
            if terms.tier is not None and terms.multiplier != ONE:
                more = line.points - round_down(whole, rules.points_precision)
                line.why.append(
                    Why(source="TIER", id=terms.tier.id, name=terms.tier.name, multiplier=terms.multiplier, points=more)
                )
    return points_of(lines)


def _why_excluded(line: Line, rules: Rulebook, terms: Terms) -> str | None:
    if not rules.is_enabled:
        return "CARD_SYSTEM_DISABLED"
    if not terms.earns:
        return "PROGRAM_NOT_ACTIVE"
    if line.earn_blocked:
        return "RESTRICTED"
    if not line.loyalty_eligible:
        return "NOT_ELIGIBLE"
    return None if line.percentage else "NO_PERCENTAGE"


def referral(lines: Iterable[Line], rules: Rulebook) -> Decimal:
    """Work out what the referrer gets: a percentage of all that may earn, without multipliers."""
    base = sum((line.base for line in lines if not line.earn_blocked and line.loyalty_eligible), ZERO)
    return round_down(base * rules.referral_points_percent / HUNDRED, rules.points_precision)


def kept(points: Decimal, left: Decimal, whole: Decimal, places: int = 2) -> Decimal:
    """Tell what stays of `points` when `left` of `whole` stays: cumulative, so the number of returns is nothing to it."""
    return ratio_down(Fraction(points) * Fraction(left) / Fraction(whole), places) if whole else points


def _spread(amount: Decimal, lines: Sequence[Line]) -> Iterable[tuple[Line, Decimal]]:
    shares = allocate(amount, [(line.category_id, line.net) for line in lines])
    return zip(lines, shares, strict=True)
