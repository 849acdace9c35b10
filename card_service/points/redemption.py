"""Whether points may pay: the checks that a redemption and its preview share, in the contract's order."""

from decimal import Decimal

from card_service.card_config.rulebook import Rulebook
from card_service.kit.errors import Refused, ValidationFailed
from card_service.kit.money import ZERO, divide_up
from card_service.points.rules import Limit


class BelowMinPoints(Refused):
    """Fewer points than the tenant lets anyone redeem at once."""

    code = "BELOW_MIN_POINTS"
    title = "Fewer points than the least that can be redeemed"


class InsufficientPoints(Refused):
    """More points than the card has."""

    code = "INSUFFICIENT_POINTS"
    title = "The card does not have that many points"


class MaxRedemptionExceeded(Refused):
    """More points than may pay for this bill."""

    code = "MAX_REDEMPTION_EXCEEDED"
    title = "More points than may be used for this bill"


def points_asked(points: Decimal | None, redeem_amount: Decimal | None, rate: Decimal) -> Decimal:
    """Tell how many points are meant: as named, or as many as pay the amount named."""
    if points is not None:
        return points
    return divide_up(redeem_amount, rate) if redeem_amount else ZERO


def check_points(points: Decimal, available: Decimal, limit: Limit, rules: Rulebook) -> None:
    """Refuse what may not be redeemed."""
    if points <= 0:
        raise ValidationFailed({"points": ["Must be greater than 0."]})
    if points < rules.min_points_to_redeem:
        detail = f"At least {rules.min_points_to_redeem} points must be redeemed at once"
        raise BelowMinPoints(detail, minPoints=rules.min_points_to_redeem)
    if points > available:
        raise InsufficientPoints(f"The card has {available} points", availablePoints=available)
    if points > limit.points:
        detail = f"At most {limit.points} points, worth {limit.amount}, may be used for this bill"
        raise MaxRedemptionExceeded(detail, maxPoints=limit.points, maxAmount=limit.amount)
