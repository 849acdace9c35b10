"""Redeeming: points pay part of a bill, once, before the bill earns."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from card_service.card_config.lot_dates import active_until
from card_service.card_config.rulebook import CardSystemDisabled
from card_service.cards.find import CardNotActive, CardNotFound, CardReplaced
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import Refused
from card_service.kit.money import ZERO
from card_service.kit.wire import CAME_LATER, Answer
from card_service.ledger.idempotency import fingerprint, redemption_key, remember, replay
from card_service.ledger.posting import Posting
from card_service.points import rules
from card_service.points.bill import (
    CANCELLED,
    COMMITTED,
    HELD,
    Bill,
    BillAlreadyEarned,
    BillAlreadyRedeemed,
    BillCancelled,
    CardMismatch,
    insert_redemption,
    save_bill,
    write_document,
)
from card_service.points.look import CardRef, Seen, look, under_lock
from card_service.points.quotes import QuoteLine
from card_service.points.read_bill import read_quote
from card_service.points.redemption import check_points, points_asked
from card_service.points.rules import Item, Line
from card_service.programs.cash_back import CashBack
from card_service.programs.load import money_of

OPERATION = "redeem-points"
COMMIT, HOLD = "COMMIT", "HOLD"
"""Points are taken for good, or set aside until they are confirmed."""


class BillAmountRequired(Refused):
    """Nobody has said what the bill costs."""

    code = "BILL_AMOUNT_REQUIRED"
    title = "billAmount is required: this bill was not calculated before"


@dataclass(frozen=True, slots=True)
class RedeemPoints:
    """Points, or the amount they are to pay, for a bill: for good, or held for a while."""

    card: CardRef
    bill_id: int
    points: Decimal | None = None
    redeem_amount: Decimal | None = None
    bill_amount: Decimal | None = None
    items: tuple[Item, ...] | None = None
    mode: str = field(default=COMMIT, metadata=CAME_LATER)


class Allocation(Answer, frozen=True):
    """What points paid of one category."""

    category_id: int
    amount: Decimal


class PointsRedeemed(Answer, frozen=True):
    """What the points have paid, and what is left of them; `expires_at` is when a hold lapses."""

    amount_deducted: Decimal
    points_redeemed: Decimal
    new_balance: Decimal
    redemption_id: int
    allocation: list[Allocation]
    treatment: str
    expires_at: datetime | None = None
    cash_back: CashBack | None = None


def redeem_points(session: Session, context: Context, request: RedeemPoints) -> PointsRedeemed:
    """Take points from the card and lower the bill by what they are worth; a hold gives them back if it is not confirmed.

    Raises CardNotFound, CardReplaced, CardMismatch, BillCancelled, BillAlreadyRedeemed, BillAlreadyEarned,
    BillAmountRequired, CardSystemDisabled, CardNotActive, and what `check_points` raises, in this order.
    """
    print_ = fingerprint(request)

    def look_again() -> Seen:
        seen = look(session, context, request.card, request.bill_id, OPERATION)
        _check(session, seen, request, print_)
        return seen

    seen, books = under_lock(session, look_again, lambda seen: (seen.card_id,), request=(OPERATION, request.card))
    (book,) = books.values()
    if not book.is_active:
        raise CardNotActive
    posting = Posting(session, context)
    posting.settle(book)
    rate = seen.rules.points_to_amount_rate
    points = points_asked(request.points, request.redeem_amount, rate)
    bill_amount, lines = _bill_to_pay(session, request, seen)
    check_points(points, book.balance, rules.redemption_limit(lines, bill_amount, seen.rules), seen.rules)
    amount = rules.worth(points, rate)
    rules.pay_with_points(lines, amount)
    allocation = [Allocation(category_id=line.category_id, amount=line.redeemed_share) for line in lines if line.redeemed_share]

    held_until = context.now + timedelta(seconds=seen.rules.hold_ttl_seconds) if request.mode == HOLD else None
    redemption_id = insert_redemption(
        session,
        bill_id=request.bill_id,
        card_id=book.card_id,
        status=HELD if held_until else COMMITTED,
        points=points,
        amount=amount,
        rate=rate,
        points_restored=ZERO,
        amount_restored=ZERO,
        treatment=seen.rules.redemption_treatment,
        allocation=write_document([QuoteLine(category_id=part.category_id, amount=part.amount) for part in allocation]),
        hold_expires_at=held_until,
        released_at=None,
        created_at=context.now,
        updated_at=context.now,
    )
    lots = [lot for lot in posting.open_lots(book) if lot.is_available(context.now)]
    posting.debit(
        book,
        "REDEEMED",
        points,
        reference="BILL",
        lots=lots,
        redemption_id=redemption_id,
        reference_id=request.bill_id,
        bill_id=request.bill_id,
        bill_amount=bill_amount,
    )
    book.redeemed += points
    book.due_at(held_until)
    book.keep_active(active_until(seen.rules, context.now))
    posting.write()
    bill = seen.bill or Bill.of(request.bill_id, book.card_id, context.now)
    bill.redemption_id = redemption_id
    bill.redemption_count += 1
    save_bill(session, bill, context.now, is_new=seen.bill is None)

    result = PointsRedeemed(
        amount_deducted=amount,
        points_redeemed=points,
        new_balance=book.balance,
        redemption_id=redemption_id,
        allocation=allocation,
        treatment=seen.rules.redemption_treatment,
        expires_at=held_until,
        cash_back=money_of(session, seen.rules, book),
    )
    remember(session, context, OPERATION, redemption_key(request.bill_id, bill.redemption_count), print_, result)
    return result


def _check(session: Session, seen: Seen, request: RedeemPoints, print_: str) -> None:
    """Refuse in the order of the contract: 404, replay, the bill's state, then the call's own list."""
    if seen.card_id is None:
        raise CardNotFound
    replay(seen.by_bill, seen.by_header, print_)
    if seen.is_replaced:
        raise CardReplaced
    bill = seen.bill
    if not seen.is_own_bill:
        raise CardMismatch
    if bill is not None:
        if bill.state == CANCELLED:
            raise BillCancelled
        if bill.redemption is not None:
            raise BillAlreadyRedeemed
        if bill.is_earned:
            raise BillAlreadyEarned
    if request.bill_amount is None and read_quote(session, request.bill_id) is None:
        raise BillAmountRequired
    if not seen.rules.is_enabled:
        raise CardSystemDisabled


def _bill_to_pay(session: Session, request: RedeemPoints, seen: Seen) -> tuple[Decimal, list[Line]]:
    """Tell what the bill costs and its lines: as the request says, else as calculate remembered."""
    bill_amount, items = request.bill_amount, request.items
    if bill_amount is None or items is None:
        payable, quoted, _ = read_quote(session, request.bill_id) or (None, [], "")
        bill_amount = payable if bill_amount is None else bill_amount
        if items is None:
            items = tuple(Item(line.category_id, line.amount, line.loyalty_eligible) for line in quoted)
    if bill_amount is None:
        raise BillAmountRequired
    lines = rules.gather(items, seen.rules)
    rules.prorate(lines, bill_amount)
    return bill_amount, lines
