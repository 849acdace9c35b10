"""What a bill does to the tier of its card: counted with its earn and with each return, under the card's lock."""

from dataclasses import dataclass

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.ledger.books import Book
from card_service.ledger.figures import Counted
from card_service.tiers import rules
from card_service.tiers.member import Member
from card_service.tiers.record import find_lift, settle
from card_service.tiers.shown import Progress, TierChanged, TierShown


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a card is after a bill was counted, and whether that is a change."""

    tier: TierShown | None
    tier_changed: TierChanged | None
    progress: Progress | None


def count_earn(session: Session, context: Context, member: Member, book: Book, bill_id: int, bill: Counted) -> Moved:
    """Count a new bill, and lift the card if it reaches a higher tier; the card's columns go with the posting."""
    before = member.shown
    if member.running is not None:
        member.running = member.running.moved(context.now, None, bill)
        outcome = rules.after_earn(member.ladder, member.standing, member.windows, context.now, bill_id)
        settle(session, context, member, outcome, book.version, bill_id)
    book.also |= member.changed_columns()
    return moved(member, before)


def count_return(
    session: Session, context: Context, member: Member, book: Book, bill_id: int, counted: tuple[Counted, Counted]
) -> Moved:
    """Count what is left of a bill, before and after a return; undo the lift that it no longer carries."""
    before = member.shown
    if member.running is not None:
        member.running = member.running.moved(context.now, *counted)
        undo_lift(session, context, member, book, bill_id)
    book.also |= member.changed_columns()
    return moved(member, before)


def undo_lift(session: Session, context: Context, member: Member, book: Book, bill_id: int) -> None:
    """Put the card back where it was before this bill lifted it, if what is left of its bills does not carry that any more."""
    if not rules.is_undone(member.ladder, member.standing, member.windows, bill_id):
        return
    lift = find_lift(session, member.card_id, bill_id)
    earlier = lift.before if lift else rules.Standing()
    outcome = rules.after_return(member.ladder, member.standing, member.windows, context.now, bill_id, earlier)
    settle(session, context, member, outcome, book.version, bill_id)


def moved(member: Member, before: TierShown | None) -> Moved:
    """Say where the member is now that it was in the tier `before`."""
    after = member.shown
    return Moved(after, TierChanged(from_=before, to=after) if after != before else None, member.progress)
