"""Which bonuses a bill brings: asked by calculate and by earn, so that the two cannot differ."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from card_service.kit.db.session import Session
from card_service.points.bonuses import Bonus
from card_service.points.look import Seen


@dataclass(frozen=True, slots=True)
class Deserving:
    """A bill as the bonuses see it: what is payable, when it happened, and whether its card's referrer can be paid."""

    amount: Decimal
    occurred_at: datetime
    referrer_is_active: bool


def bonuses_due(session: Session, seen: Seen, bill: Deserving) -> list[Bonus]:  # noqa: ARG001 - what the rules to come ask
    """Tell the bonuses of a bill of the card that was looked at, its own and those of its referrer."""
    return []
