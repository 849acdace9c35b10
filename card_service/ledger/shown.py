"""What a reader is shown of a card on which something is due that no posting has settled yet: as if it were settled."""

from dataclasses import dataclass
from datetime import datetime

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.ledger.books import Book
from card_service.ledger.due import Hold, read_due
from card_service.ledger.lots import Lot
from card_service.ledger.posting import Posting


@dataclass(frozen=True, slots=True)
class Shown:
    """A card's book as it is at the instant of reading, its lots that hold points, in spending order, and its live holds."""

    book: Book
    lots: list[Lot]
    holds: list[Hold]


def is_due(next_due_at: datetime | None, context: Context) -> bool:
    """Whether a card must be read by `read_shown`; until then what is stored of it is right."""
    return next_due_at is not None and next_due_at <= context.now


def read_shown(session: Session, context: Context, card_id: int) -> Shown | None:
    """Read a card as it would be if it were settled now, in one statement and without a lock; None if there is none.

    It is the settling of a posting that is then not written, so that a reader and the next posting cannot differ.
    """
    due = read_due(session, card_id)
    if due is None:
        return None
    Posting(session, context).settle_found(due.book, due)
    lots = {lot.id: lot for lot in (*due.lots, *(lot for hold in due.holds for lot in hold.lots)) if lot.remaining}
    live = [hold for hold in due.holds if hold.expires_at > context.now]
    return Shown(due.book, sorted(lots.values(), key=lambda lot: lot.spending_order), live)
