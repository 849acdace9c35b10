"""The three movements of a return, each by cumulative target: points given back, points taken, the referrer's."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from card_service.card_config.rulebook import Rulebook
from card_service.kit.context import Context
from card_service.kit.days import day_of, end_of
from card_service.kit.db.session import Session
from card_service.kit.money import ZERO, ratio_down
from card_service.ledger.books import Book
from card_service.ledger.lots import Lot, bill_lots, lost_for_good, spent_lots
from card_service.ledger.posting import Posting
from card_service.points import rules
from card_service.points.bill import CANCELLED, Bill
from card_service.points.returns import dropped, part_that_stays

CAP_AT_ZERO = "CAP_AT_ZERO"


@dataclass(frozen=True, slots=True)
class Reversal:
    """One return being posted: the bill as it is after it, under which id, and what is done where points are gone."""

    session: Session
    context: Context
    bill: Bill
    rulebook: Rulebook
    return_id: int | None

    @property
    def reference(self) -> dict[str, Any]:
        """What the ledger's rows refer to: the return if it has an id, else the bill."""
        if self.return_id is None:
            return {"reference": "BILL", "reference_id": self.bill.bill_id}
        return {"reference": "RETURN", "reference_id": self.return_id}

    def lots(self, posting: Posting, book: Book, source: str) -> tuple[list[Lot], list[Lot]]:
        """Give the bill's own lots, pending ones first, and all that the card could spend, in spending order."""
        now = self.context.now
        found = posting.lots(bill_lots(self.session, book, self.bill.bill_id))
        own = sorted((lot for lot in found if lot.source == source), key=lambda lot: (not lot.is_pending, lot.id))
        others = [lot for lot in posting.open_lots(book) if lot.is_available(now)]
        return own, others

    def take(
        self, posting: Posting, book: Book, kind: str, points: Decimal, pool: Sequence[Lot], facts: dict[str, Any]
    ) -> tuple[Decimal, Decimal]:
        """Take points out of the pool; what it does not hold becomes debt, or a shortfall where debt is not wanted."""
        short = ZERO
        if self.rulebook.return_policy == CAP_AT_ZERO:
            short = max(points - sum((lot.remaining for lot in pool), ZERO), ZERO)
        taken = points - short
        if taken:
            posting.debit(book, kind, taken, lots=pool, bill_amount=self.bill.bill_amount, **self.reference, **facts)
        return taken, short


@dataclass(slots=True)
class Clawback:
    """What was taken: from the customer, what could not be, and from the referrer."""

    points: Decimal = ZERO
    short: Decimal = ZERO
    referrer: Decimal = ZERO


def restore_redeemed(reversal: Reversal, posting: Posting, book: Book) -> tuple[Decimal, Decimal]:
    """Give back the redeemed points due for what has been returned so far; gives points and their worth."""
    bill, rulebook, now = reversal.bill, reversal.rulebook, reversal.context.now
    redemption = bill.redemption
    if redemption is None:
        return ZERO, ZERO
    target = redemption.points
    if bill.state != CANCELLED:
        payable = [line for line in bill.lines if not line.redeem_blocked]
        whole = sum((line.amount for line in payable), ZERO)
        returned = sum((line.returned for line in payable), ZERO)
        target = rules.kept(redemption.points, returned, whole) if whole else ZERO
    points = target - redemption.points_restored
    amount = rules.worth(target, redemption.rate) - redemption.amount_restored
    if points:
        spends, lots = spent_lots(reversal.session, book, redemption.id)
        last_day = day_of(now, rulebook.timezone) + timedelta(days=rulebook.restore_grace_days)
        posting.restore(
            book,
            points,
            spends,
            lots,
            grace_expires_at=end_of(last_day, rulebook.timezone),
            bill_id=bill.bill_id,
            bill_amount=bill.bill_amount,
            **reversal.reference,
        )
        book.redeemed -= points
    redemption.points_restored += points
    redemption.amount_restored += amount
    return points, amount


def claw_back_lines(reversal: Reversal, posting: Posting, book: Book) -> Clawback:
    """Take the earned points of what has been returned so far, category by category."""
    bill = reversal.bill
    too_small_for = dropped(bill)
    due = [
        (
            line,
            line.points
            - rules.kept(part_that_stays(line, too_small_for), line.left, line.amount, bill.points_precision)
            - line.reversed,
        )
        for line in bill.lines
    ]
    result = Clawback()
    if not any(points for _, points in due):
        return result
    own, others = reversal.lots(posting, book, "EARNED")
    lost = lost_for_good(reversal.session, book, own)
    for line, points in due:
        if not points:
            continue
        mine = [lot for lot in own if lot.category_id == line.category_id]
        line.reversed += points
        bill.points_reversed += points
        # What expired of the bill's own lot is gone already and is not taken a second time.
        gone = sum((lost[lot.id] for lot in mine), ZERO) - line.forgiven
        in_own = min(points, sum((lot.remaining for lot in mine), ZERO))
        forgiven = min(points - in_own, gone)
        line.forgiven += forgiven
        wanted = points - forgiven
        pool = once_each((*mine, *own, *others))
        facts = {
            "bill_id": bill.bill_id,
            "category_id": line.category_id,
            "category_name": line.category_name,
            "percentage": line.percentage,
        }
        taken, short = reversal.take(posting, book, "REVERSED", wanted, pool, facts)
        result.points += taken
        result.short += short
        book.earned -= taken
    return result


def claw_back_referral(reversal: Reversal, posting: Posting, referrer: Book) -> Decimal:
    """Take from the referrer what the part of the bill that has come back had brought them."""
    bill = reversal.bill
    bases = [line for line in bill.lines if not line.earn_blocked and line.base]
    whole = sum((Fraction(line.base) for line in bases), Fraction(0))
    stays = ZERO
    if bill.state != CANCELLED and whole:
        left = sum((Fraction(line.base) * Fraction(line.left) / Fraction(line.amount) for line in bases), Fraction(0))
        stays = ratio_down(Fraction(bill.referrer_points_earned) * left / whole, bill.points_precision)
    points = bill.referrer_points_earned - stays - bill.referrer_points_reversed
    bill.referrer_points_reversed += points
    if not points:
        return ZERO
    posting.settle(referrer)
    own, others = reversal.lots(posting, referrer, "REFERRAL_EARNED")
    # What expired of the referrer's own lot is gone already and is not taken a second time.
    gone = sum(lost_for_good(reversal.session, referrer, own).values(), ZERO) - bill.referrer_points_forgiven
    in_own = min(points, sum((lot.remaining for lot in own), ZERO))
    forgiven = min(points - in_own, gone)
    bill.referrer_points_forgiven += forgiven
    pool = once_each((*own, *others))
    facts = {
        "referred_card_id": bill.card_id,
        "referred_bill_id": bill.bill_id,
        "percentage": bill.referral_percent,
    }
    taken, _ = reversal.take(posting, referrer, "REFERRAL_REVERSED", points - forgiven, pool, facts)
    referrer.referral -= taken
    return taken


def once_each(lots: Iterable[Lot]) -> list[Lot]:
    """Keep each lot where it stands first."""
    return list({lot.id: lot for lot in lots}.values())
