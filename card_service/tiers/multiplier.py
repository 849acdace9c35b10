"""What the tier of a card multiplies points by that no line of a bill has made."""

from decimal import Decimal

from card_service.kit.db.session import Session
from card_service.tiers.ladder import ladder_in_force
from card_service.tiers.member import read_stored

ONE = Decimal("1.00")


def multiplier_of(session: Session, card_id: int) -> Decimal:
    """Give the multiplier of the tier that a locked card is in now; 1 without a tier, and where tiers do not apply."""
    stored = read_stored(session, card_id)
    tier = ladder_in_force(session).ladder.of_program(stored.program_id).holding(stored.standing.tier_id)
    return tier.multiplier if tier else ONE
