"""Reversing: a bill that comes back, whole or in part, at the percentages of its earn.

Everything is worked out by cumulative target, so that ninety-nine returns of 1.00 take back exactly what one
return of 99.00 does (docs/contract.md section 6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from card_service.cards.find import CardNotFound, CardReplaced
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import Conflict
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger.books import Book
from card_service.ledger.idempotency import bill_key, fingerprint, remember, replay
from card_service.ledger.posting import Posting
from card_service.points import rules
from card_service.points.bill import (
    CANCELLED,
    PARTIALLY_RETURNED,
    Bill,
    BillNotFound,
    CardMismatch,
    save_bill,
    save_restored,
)
from card_service.points.challenge_tiers import take_tiers
from card_service.points.clawback import Clawback, Reversal, claw_back_lines, claw_back_referral, restore_redeemed
from card_service.points.clawback_bonuses import BonusClawback, claw_back_bonuses
from card_service.points.due_bonuses import TAKEN_BACK
from card_service.points.holds import end_hold
from card_service.points.look import CardRef, Seen, look, under_lock
from card_service.points.membership import member_of
from card_service.points.once_only import friend_bill_of
from card_service.points.return_campaigns import count_back
from card_service.points.returns import ReturnItem, take_back, take_back_all
from card_service.programs.cash_back import CashBack
from card_service.programs.load import money_of
from card_service.tiers.evaluate import Moved, count_return
from card_service.tiers.shown import Progress, TierChanged, TierShown

OPERATION = "reverse-points"


class ReturnAlreadyMade(Conflict):
    """The return id was used for another return of this bill."""

    code = "RETURN_ALREADY_MADE"
    title = "This returnId was used before for another return of this bill"


@dataclass(frozen=True, slots=True)
class ReversePoints:
    """A return; `items` None means all that is left."""

    card: CardRef
    bill_id: int
    reason: str | None = None
    return_id: int | None = None
    items: tuple[ReturnItem, ...] | None = None


class PointsReversed(Answer, frozen=True):
    """What went back to the card, and what was taken from it."""

    points_reversed: Decimal
    points_restored: Decimal
    amount_restored: Decimal
    referrer_points_reversed: Decimal
    shortfall_points: Decimal
    shortfall_amount: Decimal
    new_balance: Decimal
    bill_state: str
    bonus_points_reversed: Decimal = ZERO
    cash_back: CashBack | None = None
    tier: TierShown | None = None
    tier_changed: TierChanged | None = None
    progress: Progress | None = None


def reverse_points(session: Session, context: Context, request: ReversePoints) -> PointsReversed:
    """Undo a bill or part of it: give redeemed points back, then take earned ones, then the referrer's.

    Raises BillNotFound, CardNotFound, CardReplaced, CardMismatch, ReturnAlreadyMade, ReturnExceedsBill; never
    refuses because the points were spent, the card closed or the system disabled.
    """
    print_ = fingerprint(request)

    def look_again() -> Seen:
        seen = look(session, context, request.card, request.bill_id, OPERATION, request.return_id)
        _check(seen, request, print_)
        return seen

    seen, books = under_lock(session, look_again, _cards)
    book = books[_card(seen)]
    referrer = books.get(seen.bill_referrer) if seen.bill_referrer is not None else None
    bill = seen.bill or Bill.of(request.bill_id, book.card_id, context.now)
    member, counted = member_of(session, context, seen, book.card_id), bill.counted
    moved = Moved(member.shown, None, member.progress)
    if request.items is None:
        take_back_all(bill.lines)
    else:
        take_back(bill.lines, request.items)
    was_cancelled = bill.state == CANCELLED
    _set_state(bill, request, context)
    reversal = Reversal(session, context, bill, seen.rules, request.return_id)
    taken, bonuses, restored, amount = Clawback(), BonusClawback(), ZERO, ZERO
    if not was_cancelled:
        restored, amount = _restore(reversal, book)
    posting = Posting(session, context)
    posting.settle(book)
    if not was_cancelled:
        posting.touch(book)
        taken = claw_back_lines(reversal, posting, book)
        bonuses = claw_back_bonuses(reversal, posting, book, referrer)
        rewards = count_back(reversal, posting, book, referrer)
        bonuses.points += rewards.points
        bonuses.short += rewards.short
        book.also |= _freed(reversal, seen, book, bonuses)
        if referrer is not None:
            taken.referrer = claw_back_referral(reversal, posting, referrer)
        if counted is not None and bill.counted is not None:
            moved = count_return(session, context, member, book, bill.bill_id, (counted, bill.counted))
        if rewards.tiers:
            moved = take_tiers(session, context, member, book, bill.bill_id, rewards.tiers, moved)
    posting.write()
    if not was_cancelled:
        save_bill(session, bill, context.now, is_new=seen.bill is None)

    short = taken.short + bonuses.short
    result = PointsReversed(
        points_reversed=taken.points,
        points_restored=restored,
        amount_restored=amount,
        referrer_points_reversed=taken.referrer,
        shortfall_points=short,
        shortfall_amount=rules.worth(short, seen.rules.points_to_amount_rate),
        new_balance=book.balance,
        bill_state=bill.state,
        bonus_points_reversed=bonuses.points,
        cash_back=money_of(session, seen.rules, book),
        tier=moved.tier,
        tier_changed=moved.tier_changed,
        progress=moved.progress,
    )
    natural = None if seen.by_bill else bill_key(request.bill_id, request.return_id)
    remember(session, context, OPERATION, natural, print_, result)
    return result


def _check(seen: Seen, request: ReversePoints, print_: str) -> None:
    if request.card.is_named and seen.card_id is None:
        raise CardNotFound
    if seen.bill is None and not (request.card.is_named and request.items is None):
        raise BillNotFound
    replay(seen.by_bill, seen.by_header, print_)
    if seen.is_replaced:
        raise CardReplaced
    if request.card.is_named and not seen.is_own_bill:
        raise CardMismatch
    if seen.by_bill is not None and request.return_id is not None:
        raise ReturnAlreadyMade


def _cards(seen: Seen) -> Sequence[int | None]:
    return (_card(seen), seen.bill_referrer)


def _card(seen: Seen) -> int:
    """Name the card to post to: the bill's, wherever a merge has taken it, or the one to mark a new bill with."""
    found = seen.bill_card or seen.merged_into or seen.card_id
    if found is None:
        raise CardNotFound
    return found


def _set_state(bill: Bill, request: ReversePoints, context: Context) -> None:
    if request.items is None or all(not line.left for line in bill.lines):
        bill.state = CANCELLED
        bill.cancelled_at = bill.cancelled_at or context.now
    elif any(line.returned for line in bill.lines):
        bill.state = PARTIALLY_RETURNED
    if bill.bill_amount is not None:
        bill.amount_returned = bill.bill_amount if bill.state == CANCELLED else bill.bill_amount - bill.amount_left


def _freed(reversal: Reversal, seen: Seen, book: Book, bonuses: BonusClawback) -> dict[str, Any]:
    """Tell which columns of the card no longer name this bill, so that another can be the first, or a friend's first.

    Where the card may name this bill as its first it is made to say that one was taken back, and the next earn asks which
    still stand: a card from before such bills were remembered, and one that the bill's card was merged into, of which
    nothing was seen. Which bill has settled a referral cannot be asked later, for it may have paid nothing.
    """
    bill, freed = reversal.bill, {}
    merged = book.card_id != seen.card_id
    if bill.is_earned and bill.state == CANCELLED and (merged or seen.first_bill_id in {None, bill.bill_id}):
        freed["first_bill_id"] = TAKEN_BACK
    too_small = bill.state == CANCELLED or bill.amount_left < seen.rules.referral_min_bill
    if bill.is_earned and too_small and not bonuses.friend_left:
        settled_by = friend_bill_of(reversal.session, book.card_id) if merged else seen.friend_bill_id
        if settled_by == bill.bill_id:
            freed["friend_bill_id"] = TAKEN_BACK
    return freed


def _restore(reversal: Reversal, book: Book) -> tuple[Decimal, Decimal]:
    """Give redeemed points back and write them at once, so that the clawback after it finds them in their lots."""
    if reversal.bill.redemption is None:
        return ZERO, ZERO
    posting = Posting(reversal.session, reversal.context)
    posting.settle(book)
    if reversal.bill.redemption.is_held:
        restored = end_hold(reversal.session, reversal.context, posting, book, reversal.bill.redemption)
        posting.write()
        return restored, reversal.bill.redemption.amount
    restored, amount = restore_redeemed(reversal, posting, book)
    posting.write()
    save_restored(reversal.session, reversal.bill.redemption, reversal.context.now)
    return restored, amount
