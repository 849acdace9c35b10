"""The rows that a posting gathers in memory, and how they are written: a kind at a time.

Nothing else writes point_transactions, point_lots, lot_spends or a card's balances.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import ValidationFailed
from card_service.kit.money import MAX_AMOUNT
from card_service.ledger import write
from card_service.ledger.books import Book
from card_service.ledger.lots import Lot, Spend

NO_FACTS: dict[str, Any] = dict.fromkeys(
    (
        "reference_id", "bill_id", "bill_amount", "category_id", "category_name", "percentage",
        "referred_card_id", "referred_bill_id", "description",
    )
)  # fmt: skip


class Rows:
    """What is to be written of one or two locked cards, in the order in which it happened."""

    def __init__(self, session: Session, context: Context, occurred_at: datetime | None = None) -> None:
        """Start with nothing to post; `occurred_at` is when it happened, if that was not now."""
        self._session = session
        self._context = context
        self._occurred_at = occurred_at or context.now
        self._entries: list[dict[str, Any]] = []
        self._new_lots: list[dict[str, Any]] = []
        self._new_spends: list[dict[str, Any]] = []
        self._released: list[dict[str, Any]] = []
        self._known: dict[int, Lot] = {}
        self._lots: dict[int, Lot] = {}
        # By card: the database does not know yet that they hold points.
        self._given_back: dict[int, dict[int, Lot]] = {}
        self._spends: dict[int, Spend] = {}
        self._books: dict[int, Book] = {}

    def lots(self, found: Iterable[Lot]) -> list[Lot]:
        """Give the lots as this posting already knows them: what it took of them is not there twice."""
        return [self._known.setdefault(lot.id, lot) for lot in found]

    def touch(self, book: Book) -> None:
        """Count a change of this card even if no row of the ledger comes of it."""
        self._books[book.card_id] = book

    def write(self) -> None:
        """Queue every row, a kind at a time; the cards come last, each only if nobody else has posted to it."""
        write.update_lots(self._session, [lot for lot in self._lots.values() if lot.state != lot.before])
        write.insert_entries(self._session, self._entries)
        write.insert_lots(self._session, self._new_lots)
        write.insert_spends(self._session, self._new_spends)
        write.update_spends(self._session, list(self._spends.values()))
        write.release_holds(self._session, self._released)
        write.update_cards(self._session, list(self._books.values()), self._context.now)
        for book in self._books.values():
            book.written()

    def _enter(self, book: Book, kind: str, points: Decimal, reference: str, facts: dict[str, Any]) -> None:
        book.seq += 1
        after = book.balance + book.pending
        if abs(after) > MAX_AMOUNT:
            raise ValidationFailed({"points": [f"The card's balance would pass {MAX_AMOUNT}."]})
        self.touch(book)
        self._entries.append(
            {
                **NO_FACTS,
                **facts,
                "card_id": book.card_id,
                "seq": book.seq,
                "type": kind,
                "points": points,
                "balance_after": after,
                "reference_type": reference,
                "performed_by": self._context.performed_by,
                "occurred_at": self._occurred_at,
                "created_at": self._context.now,
            }
        )
