"""Paying a member for an activity, by the tier that the card is in where the rule asks for that."""

from card_service.earning_rules.earn_activity import ActivityEarned, EarnActivity, earn_activity
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.tiers.multiplier import multiplier_of


def pay_activity(session: Session, context: Context, request: EarnActivity) -> ActivityEarned:
    """Pay for an activity, once for each reference; raises what `earn_activity` raises."""
    return earn_activity(session, context, request, multiplier_of)
