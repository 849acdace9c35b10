"""The tier of the card that a call on a bill is about."""

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.points.look import Seen
from card_service.tiers.ladder import InForce, ladder_at
from card_service.tiers.member import Member, open_member, read_stored


def member_of(session: Session, context: Context, seen: Seen, card_id: int) -> Member:
    """Give the standing of the card and its figures, as true as the look was: no statement while they are exact.

    After a merge a bill's card is not the one that was looked at, and is read by itself.
    """
    stored = seen.tier if card_id == seen.card_id else read_stored(session, card_id)
    ladder = ladder_at(session, seen.rules.version, seen.rules.updated_at)
    return open_member(session, context.now, card_id, stored, InForce(ladder, seen.rules.timezone))
