"""The lines of an answer: what each category of a bill costs, and what it earns and why."""

from collections.abc import Iterable
from decimal import Decimal

from card_service.kit.wire import Answer
from card_service.points.rules import Line
from card_service.points.terms import Why


class EarnedLine(Answer, frozen=True):
    """One category of an earned bill."""

    category_id: int
    amount: Decimal
    redeemed_share: Decimal
    eligible_amount: Decimal
    point_percentage: Decimal
    multiplier: Decimal
    points: Decimal
    excluded_reason: str | None
    why: list[Why]


class QuotedLine(EarnedLine, frozen=True):
    """One category of a calculated bill; `amount` is gross."""

    discount_percentage: Decimal
    discount_amount: Decimal
    tier_discount_amount: Decimal
    net_amount: Decimal


def earned_lines(lines: Iterable[Line]) -> list[EarnedLine]:
    """Say what each line has earned."""
    return [
        EarnedLine(
            category_id=line.category_id,
            amount=line.net,
            redeemed_share=line.redeemed_share,
            eligible_amount=line.eligible_amount,
            point_percentage=line.percentage,
            multiplier=line.multiplier,
            points=line.points,
            excluded_reason=line.excluded_reason,
            why=line.why,
        )
        for line in lines
    ]


def quoted_lines(lines: Iterable[Line]) -> list[QuotedLine]:
    """Say what each line would cost and earn."""
    return [
        QuotedLine(
            category_id=line.category_id,
            amount=line.amount,
            discount_percentage=line.discount_percentage,
            discount_amount=line.discount_amount,
            tier_discount_amount=line.tier_discount_amount,
            net_amount=line.net,
            redeemed_share=line.redeemed_share,
            eligible_amount=line.eligible_amount,
            point_percentage=line.percentage,
            multiplier=line.multiplier,
            points=line.points,
            excluded_reason=line.excluded_reason,
            why=line.why,
        )
        for line in lines
    ]
