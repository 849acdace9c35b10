"""Ending a hold before its time: its points go back into the lots that they came from."""

from decimal import Decimal
from typing import Protocol

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.ledger.books import Book
from card_service.ledger.due import Hold
from card_service.ledger.lots import spent_lots
from card_service.ledger.posting import Posting


class Held(Protocol):
    """A redemption whose points are only set aside."""

    @property
    def id(self) -> int:
        """Its id."""

    @property
    def bill_id(self) -> int:
        """The bill that they were to pay for."""


def end_hold(session: Session, context: Context, posting: Posting, book: Book, held: Held) -> Decimal:
    """Give the points of a live hold back to its card, which is locked and settled; gives how many."""
    spends, lots = spent_lots(session, book, held.id)
    by_id = {lot.id: lot for lot in lots}
    in_order = sorted(spends, key=lambda spend: spend.id)
    hold = Hold(held.id, held.bill_id, context.now, in_order, [by_id[spend.lot_id] for spend in in_order])
    return posting.release(book, hold, context.now)
