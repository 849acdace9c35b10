"""Confirming and cancelling a redemption: both may be sent again and change nothing that has been settled."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, func, select

from card_service.card_config.load import load_rulebook
from card_service.kit.context import Context
from card_service.kit.db.faults import ConcurrentChangeError
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import Conflict, NotFound
from card_service.kit.money import ZERO
from card_service.ledger.books import Book
from card_service.ledger.lock import lock_card
from card_service.ledger.posting import Posting
from card_service.models.bills import redemptions
from card_service.models.cards import loyalty_cards as cards
from card_service.points.bill import COMMITTED, HELD, BillAlreadyRedeemed, commit_hold
from card_service.points.holds import end_hold
from card_service.points.quotes import QuoteLine
from card_service.points.redeem import Allocation, PointsRedeemed
from card_service.programs.cash_back import CashBack
from card_service.programs.load import money_of


class RedemptionNotFound(NotFound):
    """There is no such redemption."""

    title = "No such redemption"


class HoldExpired(Conflict):
    """The hold is over: it was cancelled, or was not confirmed in time."""

    code = "HOLD_EXPIRED"
    title = "These points are no longer held for the bill"


class Found(NamedTuple):
    """A redemption as it is stored, and the card that it is of by now."""

    id: int
    bill_id: int
    card_id: int
    status: str
    amount: Decimal
    points: Decimal
    allocation: str
    treatment: str
    hold_expires_at: datetime | None
    released_at: datetime | None

    def has_lapsed(self, now: datetime) -> bool:
        """Whether it is a hold whose time was over before anybody ended it."""
        if self.status == COMMITTED or self.hold_expires_at is None:
            return False
        return self.hold_expires_at <= (self.released_at or now)


_redemption = Statement(
    select(
        redemptions.c.id,
        redemptions.c.bill_id,
        func.coalesce(cards.c.merged_into_card_id, cards.c.id),
        redemptions.c.status,
        redemptions.c.amount,
        redemptions.c.points,
        redemptions.c.allocation,
        redemptions.c.treatment,
        redemptions.c.hold_expires_at,
        redemptions.c.released_at,
    )
    .select_from(redemptions.join(cards, (cards.c.id == redemptions.c.card_id) & (cards.c.tenant_id == TENANT)))
    .where(redemptions.c.tenant_id == TENANT, redemptions.c.id == bindparam("redemption_id")),
    Found,
)


def confirm_redemption(session: Session, context: Context, redemption_id: int) -> PointsRedeemed:
    """Make a hold a redemption like any other; one that is so already stays so, and answers the same.

    Raises RedemptionNotFound, HoldExpired for a hold that was cancelled or has lapsed.
    """
    found, book = _lock(session, redemption_id)
    if found.status not in {HELD, COMMITTED} or found.has_lapsed(context.now):
        raise HoldExpired
    posting = Posting(session, context)
    posting.settle(book)
    if found.status == HELD:
        commit_hold(session, found.id, context.now)
        posting.touch(book)
    posting.write()
    lines = msgspec.json.decode(found.allocation, type=list[QuoteLine])
    return PointsRedeemed(
        amount_deducted=found.amount,
        points_redeemed=found.points,
        new_balance=book.balance,
        redemption_id=found.id,
        allocation=[Allocation(category_id=line.category_id, amount=line.amount) for line in lines],
        treatment=found.treatment,
        cash_back=_as_money(session, book),
    )


def cancel_redemption(session: Session, context: Context, redemption_id: int) -> PointsRedeemed:
    """Give the points of a hold back; one that was cancelled stays so, and answers the same: nothing is redeemed.

    Raises RedemptionNotFound, BillAlreadyRedeemed for a redemption that was confirmed or made at once, which comes back
    with its bill instead, and HoldExpired for a hold that has lapsed.
    """
    found, book = _lock(session, redemption_id)
    if found.status == COMMITTED:
        detail = "These points are redeemed; they come back when the bill is reversed"
        raise BillAlreadyRedeemed(detail)
    if found.has_lapsed(context.now):
        raise HoldExpired
    posting = Posting(session, context)
    posting.settle(book)
    if found.status == HELD:
        end_hold(session, context, posting, book, found)
    posting.write()
    return PointsRedeemed(
        amount_deducted=ZERO,
        points_redeemed=ZERO,
        new_balance=book.balance,
        redemption_id=found.id,
        allocation=[],
        treatment=found.treatment,
        cash_back=_as_money(session, book),
    )


def _as_money(session: Session, book: Book) -> CashBack | None:
    return None if book.program_id is None else money_of(session, load_rulebook(session), book)


def _lock(session: Session, redemption_id: int) -> tuple[Found, Book]:
    """Find a redemption, lock its card, and read it again under the lock; a merge in between runs the use case again."""
    found = session.one(_redemption, redemption_id=redemption_id)
    if found is None:
        raise RedemptionNotFound
    book = lock_card(session, found.card_id)
    again = session.one(_redemption, redemption_id=redemption_id)
    if again is None or again.card_id != found.card_id:
        raise ConcurrentChangeError
    return again, book
