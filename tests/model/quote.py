"""Redemption limits and the discounts of calculate, as pure functions of the configuration."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from .answers import Body, RefusedError
from .arithmetic import ZERO, Weight, exact, round_down, round_half_up, round_up, shown, spread
from .bills import Line, lines_of
from .configuration import Configuration
from .tiers import Tier


class Discounted(NamedTuple):
    """A line with its net amount, what it was before discounts, its category's discount in percent, its tier's in money."""

    line: Line
    gross: Fraction
    percentage: Fraction
    of_tier: Fraction


def asked_points(body: Body, configuration: Configuration) -> Fraction | None:
    """Points a body wants to redeem, directly or as an amount of money; None when it wants none."""
    if "points" in body:
        return exact(body["points"])
    if "redeemAmount" in body:
        return round_up(exact(body["redeemAmount"]) / configuration.rate)
    return None


def most_points(bill_amount: Fraction, lines: Sequence[Line], configuration: Configuration) -> Fraction:
    """Most points that may pay on a bill, whatever the card holds."""
    blocked = sum((line.amount for line in lines if configuration.blocked(line.category_id, "redeem")), ZERO)
    cap = round_down((bill_amount - blocked) * configuration.number("maxRedemptionPercent") / 100)
    return round_down(cap / configuration.rate)


def check_redemption(points: Fraction, available: Fraction, most: Fraction, configuration: Configuration) -> None:
    """Refuse a redemption by the first check of docs/contract.md section 6 that it fails, after enabled and ACTIVE."""
    if points <= 0:
        raise RefusedError(422, "VALIDATION_FAILED")
    if points < configuration.number("minPointsToRedeem"):
        raise RefusedError(422, "BELOW_MIN_POINTS")
    if points > available:
        raise RefusedError(422, "INSUFFICIENT_POINTS")
    if points > most:
        most_amount = shown(round_down(most * configuration.rate))
        raise RefusedError(422, "MAX_REDEMPTION_EXCEEDED", maxPoints=shown(most), maxAmount=most_amount)


def discounted_lines(body: Body, configuration: Configuration, tier: Tier | None = None) -> list[Discounted]:
    """Take the category discounts, then the tier's, then the flat discount, off gross items."""
    found = []
    for line in lines_of(body["items"]):
        gross, percentage = line.amount, configuration.discount_percentage(line.category_id)
        line.amount -= round_half_up(gross * percentage / 100)
        open_to_tier = tier is not None and not configuration.blocked(line.category_id, "discount")
        of_tier = round_half_up(line.amount * tier.discount / 100) if tier and open_to_tier else ZERO
        line.amount -= of_tier
        found.append(Discounted(line, gross, percentage, of_tier))
    open_to_discount = [d.line for d in found if not configuration.blocked(d.line.category_id, "discount")]
    ceiling = sum((line.amount for line in open_to_discount), ZERO)
    total = sum((d.line.amount for d in found), ZERO)
    flat = min(_flat_discount(body, configuration, total, ceiling), ceiling)
    weights: list[Weight] = [line.weight for line in open_to_discount]
    for line, share in zip(open_to_discount, spread(flat, weights), strict=True):
        line.amount -= share
    return found


def shown_line(discounted: Discounted) -> Body:
    """One item of calculate's answer; percentages of excluded lines are left out."""
    line = discounted.line
    eligible_amount = ZERO if line.excluded not in {None, "NO_PERCENTAGE"} else line.base
    earning = {"pointPercentage": shown(line.percentage)} if line.excluded is None else {}
    return {
        "categoryId": line.category_id,
        "amount": shown(discounted.gross),
        "discountPercentage": shown(discounted.percentage),
        "discountAmount": shown(discounted.gross - line.amount),
        **({"tierDiscountAmount": shown(discounted.of_tier)} if discounted.of_tier else {}),
        "netAmount": shown(line.amount),
        "redeemedShare": shown(line.share),
        "eligibleAmount": shown(eligible_amount),
        "points": shown(line.points),
        "excludedReason": line.excluded,
        **earning,
    }


def _flat_discount(body: Body, configuration: Configuration, total: Fraction, ceiling: Fraction) -> Fraction:
    if "flatDiscount" in body:
        return exact(body["flatDiscount"])
    kind = configuration.settings["flatDiscountType"]
    if kind == "NONE" or total < configuration.number("flatDiscountMinBill"):
        return ZERO
    value = configuration.number("flatDiscountValue")
    return value if kind == "AMOUNT" else round_half_up(ceiling * value / 100)
