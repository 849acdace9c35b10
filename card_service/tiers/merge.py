"""What a merge of two cards does to the tier of the one that stays."""

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.ledger.books import Book
from card_service.tiers import rules
from card_service.tiers.ladder import ladder_in_force
from card_service.tiers.member import open_member, read_stored
from card_service.tiers.record import settle
from card_service.tiers.write import write_member


def keep_higher_tier(session: Session, context: Context, target: Book, source_id: int) -> None:
    """Give the target the higher tier, and the figures of the bills of both; the source is merged into it already."""
    in_force = ladder_in_force(session)
    member = open_member(session, context.now, target.card_id, read_stored(session, target.card_id), in_force)
    other = read_stored(session, source_id).standing
    outcome = rules.merged(in_force.ladder, member.standing, other, source_id, context.now)
    settle(session, context, member, outcome, target.version)
    write_member(session, context, member)
