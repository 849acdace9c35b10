"""A posting: what one use case adds to the ledger, gathered in memory and written a kind at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from card_service.kit.money import ZERO
from card_service.ledger import write
from card_service.ledger.books import Book
from card_service.ledger.due import Due, Hold, read_due
from card_service.ledger.lots import Lot, Spend, open_lots
from card_service.ledger.rows import Rows
from card_service.ledger.validity import FOR_EVER, HAND, Validity


@dataclass(slots=True)
class Settled:
    """What has happened to a card by itself: points that became available, that holds gave back, and that expired."""

    available: Decimal = ZERO
    given_back: Decimal = ZERO
    expired: Decimal = ZERO


class Posting(Rows):
    """Credits and debits of one or two locked cards, in the order in which they happened."""

    def credit(
        self,
        book: Book,
        kind: str,
        points: Decimal,
        *,
        reference: str,
        validity: Validity = FOR_EVER,
        **facts: Any,
    ) -> None:
        """Add points as a new lot; once they are available, what the card owes is repaid from them first."""
        now = self._context.now
        available_at = validity.available_at or now
        is_pending = available_at > now
        repaid = ZERO if is_pending else min(book.debt, points)
        book.debt -= repaid
        if is_pending:
            book.pending += points
            book.due_at(available_at)
        else:
            book.balance += points
        book.due_at(book.expiry_of(validity))
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
                "available_at": available_at,
                "expires_at": validity.expires_at,
                "is_pending": is_pending,
                "dated_by": validity.dated_by,
                "bill_id": facts.get("bill_id") or facts.get("referred_bill_id"),
                "category_id": facts.get("category_id"),
                "created_at": now,
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
        pending = sum((part for lot, part in taken if lot.is_pending), ZERO)
        book.debt += points - sum((part for _, part in taken), ZERO)
        book.pending -= pending
        book.balance -= points - pending
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
                book, "REDEEM_REVERSED", regranted, reference=reference,
                validity=Validity(expires_at=grace_expires_at, dated_by=HAND),
                description="instead of points that have expired meanwhile", **facts,
            )  # fmt: skip

    def release(self, book: Book, hold: Hold, at: datetime) -> Decimal:
        """End a hold at an instant: give all its points back into the lots that they came from; gives how many.

        What the card owes is repaid from them first, but for what comes back into a lot that has expired meanwhile: that
        expires at once.
        """
        points = ZERO
        came_from = {lot.id: lot for lot in self.lots(hold.lots)}
        self._given_back.setdefault(book.card_id, {}).update(came_from)
        for spend in hold.spends:
            lot, part = came_from[spend.lot_id], spend.points - spend.restored
            spend.restored = spend.points
            lot.remaining += part
            points += part
            self._spends[spend.id] = spend
            self._lots[lot.id] = lot
        book.balance += points
        book.redeemed -= points
        facts = {"reference_id": hold.bill_id, "bill_id": hold.bill_id, "description": "points that were held for the bill"}
        self._enter(book, "REDEEM_REVERSED", points, "BILL", facts)
        self._released.append({"redemption_id": hold.redemption_id, "now": self._context.now})
        for spend in hold.spends:
            if not came_from[spend.lot_id].is_past(at):
                self.repay_debt(book, [came_from[spend.lot_id]])
        for lot in came_from.values():
            self.expire(book, lot)
            book.due_at(lot.expires_at if lot.remaining else None)
        return points

    def open_lots(self, book: Book) -> list[Lot]:
        """Give the lots of a card that hold points, in spending order: those, too, that a hold has just filled again."""
        found = {lot.id: lot for lot in self.lots(open_lots(self._session, book))} | self._given_back.get(book.card_id, {})
        return sorted((lot for lot in found.values() if lot.remaining), key=lambda lot: lot.spending_order)

    def settle(self, book: Book) -> Settled:
        """Post what has happened by itself since the card was last touched, so that its balance is what it says.

        Points become available and holds end in the order of their instants, for each repays what is owed then; what is
        past its date expires after that.
        """
        due = read_due(self._session, book.card_id) if book.is_due(self._context.now) else None
        return Settled() if due is None else self.settle_found(book, due)

    def settle_found(self, book: Book, due: Due) -> Settled:
        """Settle a card with what was read of it; `settle` says how."""
        done, now = Settled(), self._context.now
        book.next_due_at = None
        lots = [lot.of(book) for lot in self.lots(due.lots)]
        over = [hold for hold in due.holds if hold.expires_at <= now]
        happened: list[tuple[datetime, Hold | Lot]] = [(hold.expires_at, hold) for hold in over]
        happened += [(lot.available_at, lot) for lot in lots if lot.is_pending and lot.available_at <= now]
        # The sort is stable: at one instant holds come first, by their ids, then lots in spending order.
        for at, what in sorted(happened, key=lambda one: one[0]):
            if isinstance(what, Lot):
                done.available += self._make_available(book, what)
            else:
                done.given_back += self.release(book, what, at)
        for lot in lots:
            done.expired += self.expire(book, lot)
            if lot.remaining:
                book.due_at(lot.available_at if lot.is_pending else lot.expires_at)
        for hold in due.holds:
            book.due_at(hold.expires_at if hold not in over else None)
        self.touch(book)
        return done

    def repay_debt(self, book: Book, lots: Sequence[Lot]) -> None:
        """Repay what a card owes from lots it has just received."""
        owed = book.debt
        for lot, part in take(lots, owed):
            if part:
                lot.debt_repaid += part
                book.debt -= part
                self._lots[lot.id] = lot

    def _make_available(self, book: Book, lot: Lot) -> Decimal:
        points, lot.is_pending = lot.remaining, False
        book.pending -= points
        book.balance += points
        self._lots[lot.id] = lot
        self.repay_debt(book, [lot])
        return points

    def expire(self, book: Book, lot: Lot) -> Decimal:
        """Post what a lot has lost if its date is over; gives how many points."""
        if not lot.remaining or not lot.is_past(self._context.now):
            return ZERO
        points, lot.remaining = lot.remaining, ZERO
        lot.expired += points
        book.balance -= points
        self._lots[lot.id] = lot
        self._enter(book, "EXPIRED", -points, "LOT", {"reference_id": lot.id})
        return points

    def transfer(self, source: Book, target: Book) -> None:
        """Move a card's balance, pending points and debt to another card; its lots and holds follow by `write.move_lots`."""
        points = source.balance + source.pending
        balance, pending, debt = source.balance, source.pending, source.debt
        source.balance = source.pending = source.debt = ZERO
        target.balance += balance
        target.pending += pending
        target.debt += debt
        target.due_at(source.next_due_at)
        target.keep_active(source.active_until)
        source.next_due_at = None
        for book, moved, other in ((source, -points, target), (target, points, source)):
            if moved:
                self._enter(book, "TRANSFERRED", moved, "CARD", {"reference_id": other.card_id})
            self.touch(book)
        write.move_lots(self._session, source.card_id, target.card_id)


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
