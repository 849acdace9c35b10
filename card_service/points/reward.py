"""What a bill brings: asked by calculate and posted by earn, so that the two cannot differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from card_service.kit.db.session import Session
from card_service.kit.money import ZERO
from card_service.points import rules
from card_service.points.bonuses import Bonus
from card_service.points.due_bonuses import Deserving, bonuses_due
from card_service.points.look import Seen
from card_service.points.promote import promote
from card_service.points.promotion import Promoted, Promotion
from card_service.points.rules import Line
from card_service.points.terms import Terms


@dataclass(frozen=True, slots=True)
class Reward:
    """Points of the lines, bonuses beside them (those of the referrer, too), and the referrer's percentage."""

    earned: Decimal
    promotion: Promotion
    bonuses: list[Bonus]
    referred: Decimal


def reward_of(
    session: Session, seen: Seen, lines: Sequence[Line], bill: Promoted, terms: Terms, *, now: datetime, lock: bool
) -> Reward:
    """Work out what a bill brings its card and its referrer; the lines are filled in, nothing is posted.

    `lock` as for `promote`. A card whose programme does not run gets nothing, and brings its referrer nothing.
    """
    rules.earn(lines, seen.rules, terms)
    if not terms.earns:
        return Reward(rules.points_of(lines), Promotion(), [], ZERO)
    tier_id = terms.tier.id if terms.tier else None
    promotion = promote(session, seen, lines, bill, tier_id=tier_id, lock=lock)
    bonuses = list(promotion.bonuses)
    if bill.card_id is not None and seen.rules.is_enabled:
        bonuses += bonuses_due(session, seen, Deserving(bill.amount, now, bill.referrer_id is not None, terms.multiplier))
    referred = rules.referral(lines, seen.rules) if bill.referrer_id is not None else ZERO
    return Reward(rules.points_of(lines), promotion, bonuses, referred)
