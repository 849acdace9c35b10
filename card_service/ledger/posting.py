"""A posting: the rows that one use case adds to the ledger, gathered in memory and written a kind at a time.

Nothing else writes point_transactions, point_lots, lot_spends or a card's balances.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import ValidationFailed
from card_service.kit.money import MAX_AMOUNT, ZERO
from card_service.ledger import write
from card_service.ledger.books import Book
from card_service.ledger.lots import Lot, Spend, open_lots

NO_FACTS: dict[str, Any] = dict.fromkeys(
    (
        "reference_id", "bill_id", "bill_amount", "category_id", "category_name", "percentage",
        "referred_card_id", "referred_bill_id", "description",
    )
)  # fmt: skip


class Posting:
    """Credits and debits of one or two locked cards, in the order in which they happened."""

    def __init__(self, session: Session, context: Context, occurred_at: datetime | None = None) -> None:
        """Start with nothing to post; `occurred_at` is when it happened, if that was not now."""
        self._session = session
        self._context = context
        self._occurred_at = occurred_at or context.now
        self._entries: list[dict[str, Any]] = []
        self._new_lots: list[dict[str, Any]] = []
        self._new_spends: list[dict[str, Any]] = []
        self._known: dict[int, Lot] = {}
        self._lots: dict[int, Lot] = {}
        self._spends: dict[int, Spend] = {}
        self._books: dict[int, Book] = {}

    def lots(self, found: Iterable[Lot]) -> list[Lot]:
        """Give the lots as this posting already knows them: what it took of them is not there twice."""
        return [self._known.setdefault(lot.id, lot) for lot in found]

    def touch(self, book: Book) -> None:
        """Count a change of this card even if no row of the ledger comes of it."""
        self._books[book.card_id] = book

    def credit(
        self,
        book: Book,
        kind: str,
        points: Decimal,
        *,
        reference: str,
        expires_at: datetime | None = None,
        **facts: Any,
    ) -> None:
        """Add points as a new lot; what the card owes is repaid from it first."""
        repaid = min(book.debt, points)
        book.debt -= repaid
        book.balance += points
        book.due_at(expires_at)
        self._enter(book, kind, points, reference, facts)
        self._new_lots.append(
            {
                "card_id": book.card_id,
                "opened_card_id": book.card_id,
                "opened_seq": book.seq,
                "source": kind,
                "original": points,
                "remaining": points - repaid,
                "debt_repaid": repaid,
                "expired": ZERO,
                "available_at": self._context.now,
                "expires_at": expires_at,
                "bill_id": facts.get("bill_id") or facts.get("referred_bill_id"),
                "category_id": facts.get("category_id"),
                "created_at": self._context.now,
            }
        )

    def debit(
        self,
        book: Book,
        kind: str,
        points: Decimal,
        *,
        reference: str,
        lots: Sequence[Lot],
        redemption_id: int | None = None,
        **facts: Any,
    ) -> None:
        """Take points out of `lots` in their order, and leave as debt what they do not hold."""
        taken = [(lot, part) for lot, part in take(lots, points) if part]
        short = points - sum((part for _, part in taken), ZERO)
        book.debt += short
        book.balance -= points
        self._enter(book, kind, -points, reference, facts)
        for lot, part in taken:
            self._lots[lot.id] = lot
            self._new_spends.append(
                {
                    "lot_id": lot.id,
                    "card_id": book.card_id,
                    "seq": book.seq,
                    "redemption_id": redemption_id,
                    "points": part,
                    "restored": ZERO,
                }
            )

    def restore(
        self,
        book: Book,
        points: Decimal,
        spends: Sequence[Spend],
        lots: Iterable[Lot],
        *,
        reference: str,
        grace_expires_at: datetime,
        **facts: Any,
    ) -> None:
        """Give redeemed points back into the lots they came from, last taken first.

        What the card owes is repaid first; what came from a lot that has expired meanwhile becomes one new lot
        that is valid until `grace_expires_at` (docs/contract.md section 6).
        """
        by_id = {lot.id: lot for lot in self.lots(lots)}
        missing, owed, regranted = points, min(book.debt, points), ZERO
        for spend in spends:
            part = min(spend.points - spend.restored, missing)
            if not part:
                continue
            lot = by_id[spend.lot_id]
            spend.restored += part
            missing -= part
            repaid = min(owed, part)
            owed -= repaid
            book.debt -= repaid
            lot.debt_repaid += repaid
            if lot.is_past(self._context.now):
                lot.expired += part - repaid
                regranted += part - repaid
            else:
                lot.remaining += part - repaid
                book.due_at(lot.expires_at)
            self._spends[spend.id] = spend
            self._lots[lot.id] = lot
        kept = points - regranted
        if kept:
            book.balance += kept
            self._enter(book, "REDEEM_REVERSED", kept, reference, facts)
        if regranted:
            self.credit(
                book, "REDEEM_REVERSED", regranted, reference=reference, expires_at=grace_expires_at,
                description="instead of points that have expired meanwhile", **facts,
            )  # fmt: skip

    def settle(self, book: Book) -> None:
        """Post what has expired by itself since the card was last touched, so that its balance is what it says."""
        if not book.is_due(self._context.now):
            return
        book.next_due_at = None
        for lot in self.lots(open_lots(self._session, book.card_id)):
            if lot.is_past(self._context.now):
                points, lot.remaining = lot.remaining, ZERO
                lot.expired += points
                book.balance -= points
                self._lots[lot.id] = lot
                self._enter(book, "EXPIRED", -points, "LOT", {"reference_id": lot.id})
            else:
                book.due_at(lot.expires_at)
        self.touch(book)

    def repay_debt(self, book: Book, lots: Sequence[Lot]) -> None:
        """Repay what a card owes from lots it has just received."""
        owed = book.debt
        for lot, part in take(lots, owed):
            if part:
                lot.debt_repaid += part
                book.debt -= part
                self._lots[lot.id] = lot

    def transfer(self, source: Book, target: Book) -> None:
        """Move a card's balance and debt to another card; its lots follow by `write.move_lots`."""
        points = source.balance + source.pending
        balance, pending, debt = source.balance, source.pending, source.debt
        source.balance = source.pending = source.debt = ZERO
        target.balance += balance
        target.pending += pending
        target.debt += debt
        target.due_at(source.next_due_at)
        source.next_due_at = None
        for book, moved, other in ((source, -points, target), (target, points, source)):
            if moved:
                self._enter(book, "TRANSFERRED", moved, "CARD", {"reference_id": other.card_id})
            self.touch(book)
        write.move_lots(self._session, source.card_id, target.card_id)

    def write(self) -> None:
        """Queue every row, a kind at a time; the cards come last, each only if nobody else has posted to it."""
        write.update_lots(self._session, [lot for lot in self._lots.values() if _has_changed(lot)])
        write.insert_entries(self._session, self._entries)
        write.insert_lots(self._session, self._new_lots)
        write.insert_spends(self._session, self._new_spends)
        write.update_spends(self._session, list(self._spends.values()))
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


def take(lots: Iterable[Lot], points: Decimal) -> list[tuple[Lot, Decimal]]:
    """Take up to `points` from the lots in their order, and say how much of each."""
    taken, missing = [], points
    for lot in lots:
        if not missing:
            break
        part = min(lot.remaining, missing)
        lot.remaining -= part
        missing -= part
        taken.append((lot, part))
    return taken


def _has_changed(lot: Lot) -> bool:
    return (lot.remaining, lot.debt_repaid, lot.expired) != lot.before
