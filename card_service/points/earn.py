"""Earning: the points of a paid bill, posted once, to the card and to the one who referred it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from card_service.campaigns import counters
from card_service.campaigns.campaign import REFERRAL
from card_service.card_config.lot_dates import active_until, validity_of
from card_service.card_config.rulebook import CardSystemDisabled
from card_service.cards.find import CardNotActive, CardNotFound, CardReplaced
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import Refused
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger.books import Book
from card_service.ledger.figures import Counted
from card_service.ledger.idempotency import bill_key, fingerprint, remember, replay
from card_service.ledger.posting import Posting
from card_service.ledger.validity import Validity
from card_service.points import rules
from card_service.points.bill import (
    CANCELLED,
    Bill,
    BillAlreadyEarned,
    BillCancelled,
    CardMismatch,
    bill_line,
    commit_hold,
    save_bill,
)
from card_service.points.bonuses import BonusGiven, PaidBill, given, points_for, post_bonuses, waiting
from card_service.points.challenge_tiers import give_tiers
from card_service.points.due_bonuses import TAKEN_BACK, first_bill, settles_referral
from card_service.points.lines import EarnedLine, earned_lines
from card_service.points.look import CardRef, Seen, look, under_lock
from card_service.points.membership import member_of
from card_service.points.promotion import CampaignApplied, Promoted
from card_service.points.reward import Reward, reward_of
from card_service.points.rules import Item, Line
from card_service.points.tell_completed import tell_completed
from card_service.points.terms import Terms
from card_service.programs.cash_back import CashBack
from card_service.programs.load import earns, money_of
from card_service.tiers.evaluate import count_earn
from card_service.tiers.shown import Progress, TierChanged, TierShown

OPERATION = "earn-points"
OLDEST = timedelta(days=7)
CLOCK_SKEW = timedelta(minutes=5)


class OccurredAtInvalid(Refused):
    """A till may send late, but not that late, and not from the future."""

    code = "OCCURRED_AT_INVALID"
    title = "occurredAt must lie within the last 7 days"


@dataclass(frozen=True, slots=True)
class EarnPoints:
    """A paid bill. `bill_amount` is payable after all discounts, before points."""

    card: CardRef
    bill_id: int
    bill_amount: Decimal
    items: tuple[Item, ...]
    occurred_at: datetime | None = None


class PointsEarned(Answer, frozen=True):
    """What the bill has earned, line by line."""

    points_earned: Decimal
    new_balance: Decimal
    referrer_points_earned: Decimal
    pending_points: Decimal
    bill_id: int
    items: list[EarnedLine]
    expires_at: datetime | None
    available_at: datetime | None = None
    bonus_points: Decimal = ZERO
    bonuses: list[BonusGiven] = msgspec.field(default_factory=list)
    campaigns: list[CampaignApplied] = msgspec.field(default_factory=list)
    cash_back: CashBack | None = None
    tier: TierShown | None = None
    tier_changed: TierChanged | None = None
    progress: Progress | None = None


def earn_points(session: Session, context: Context, purchase: EarnPoints) -> PointsEarned:
    """Post the points of a bill to its card and its referrer.

    Raises CardNotFound, CardReplaced, CardMismatch, BillCancelled, BillAlreadyEarned, CardSystemDisabled,
    CardNotActive, OccurredAtInvalid (docs/contract.md section 6).
    """
    print_ = fingerprint(purchase)

    def look_again() -> Seen:
        seen = look(session, context, purchase.card, purchase.bill_id, OPERATION)
        _check(seen, print_)
        return seen

    seen, books = under_lock(
        session, look_again, lambda seen: (seen.card_id, seen.referrer_id), request=(OPERATION, purchase.card)
    )
    book = books[_card_id(seen)]
    if not book.is_active:
        raise CardNotActive
    at = _happened_at(purchase, context)
    lines = _lines(session, context, purchase, seen)
    member = member_of(session, context, seen, book.card_id)
    terms = Terms(member.tier, earns=earns(session, seen.rules, book.program_id, at))
    referrer = _paid_referrer(session, seen, books, at)
    settles = terms.earns and settles_referral(seen, purchase.bill_amount, referrer_is_active=referrer is not None)
    promoted = Promoted(purchase.bill_id, purchase.bill_amount, book.card_id, at, referrer.card_id if referrer else None)
    reward = reward_of(session, seen, lines, promoted, terms, now=context.now, lock=True)
    promotion, bonuses = reward.promotion, reward.bonuses

    posting = Posting(session, context, purchase.occurred_at)
    posting.settle(book)
    posting.touch(book)
    validity = validity_of(seen.rules, context.now, seen.rules.pending_days)
    book.keep_active(active_until(seen.rules, context.now))
    _post_lines(posting, book, purchase, lines, seen, validity)
    if referrer and reward.referred:
        _post_referral(posting, referrer, book, purchase, reward.referred, seen, validity)
    book.also |= _once_only(session, context, seen, purchase, settles=settles)
    if bonuses:
        paid = PaidBill(purchase.bill_id, purchase.bill_amount, book.card_id)
        post_bonuses(session, context, posting, paid, books, bonuses, validity)

    bill = _bill_of(seen, context, purchase, lines, at)
    bill.card_id = book.card_id  # a card that redeemed on the bill may have been merged into this one since
    bill.referrer_card_id = referrer.card_id if referrer and _concerns(referrer, reward) else None
    bill.referrer_points_earned = reward.referred
    bill.has_bonuses = bool(bonuses)
    bill.campaigns = promotion.document
    counted = Counted(at, purchase.bill_amount, reward.earned, 1)
    moved = count_earn(session, context, member, book, purchase.bill_id, counted)
    if promotion.completed:
        moved = give_tiers(session, context, member, book, purchase.bill_id, promotion.completed, moved)
    posting.write()
    counters.add(session, book.card_id, bill.referrer_card_id, promotion.gifts)
    tell_completed(session, context, book.card_id, purchase.bill_id, promotion.completed)
    save_bill(session, bill, context.now, is_new=seen.bill is None)

    waits = waiting(book, reward.earned, bonuses, validity)
    result = PointsEarned(
        points_earned=reward.earned,
        new_balance=book.balance,
        referrer_points_earned=reward.referred,
        pending_points=waits.points,
        bill_id=purchase.bill_id,
        items=earned_lines(lines),
        expires_at=waits.expires_at,
        available_at=waits.available_at,
        bonus_points=points_for(book.card_id, bonuses),
        bonuses=given(bonuses),
        campaigns=promotion.shown,
        cash_back=money_of(session, seen.rules, book),
        tier=moved.tier,
        tier_changed=moved.tier_changed,
        progress=moved.progress,
    )
    remember(session, context, OPERATION, bill_key(purchase.bill_id), print_, result)
    return result


def _once_only(session: Session, context: Context, seen: Seen, purchase: EarnPoints, *, settles: bool) -> dict[str, Any]:
    """Tell which columns of the card remember this bill, for what a card has once."""
    also: dict[str, Any] = {}
    if seen.first_earned_at is None:
        also["first_earned_at"] = context.now
    if seen.first_earned_at is None or seen.first_bill_id == TAKEN_BACK:
        # A bill of nothing is no purchase; the next one asks again, as after a return.
        also["first_bill_id"] = first_bill(session, seen) or (purchase.bill_id if purchase.bill_amount else TAKEN_BACK)
    if settles:
        also["friend_bill_id"] = purchase.bill_id
    return also


def _check(seen: Seen, print_: str) -> None:
    """Refuse in the order of the contract what needs no lock: 404, replay, the bill's state, then the call's own list."""
    if seen.card_id is None:
        raise CardNotFound
    replay(seen.by_bill, seen.by_header, print_)
    if seen.is_replaced:
        raise CardReplaced
    if not seen.is_own_bill:
        raise CardMismatch
    if seen.bill is not None:
        if seen.bill.state == CANCELLED:
            raise BillCancelled
        if seen.bill.is_earned:
            raise BillAlreadyEarned
    if not seen.rules.is_enabled:
        raise CardSystemDisabled


def _happened_at(purchase: EarnPoints, context: Context) -> datetime:
    at = purchase.occurred_at or context.now
    if not context.now - OLDEST <= at <= context.now + CLOCK_SKEW:
        raise OccurredAtInvalid
    return at


def _card_id(seen: Seen) -> int:
    if seen.card_id is None:
        raise CardNotFound
    return seen.card_id


def _lines(session: Session, context: Context, purchase: EarnPoints, seen: Seen) -> list[Line]:
    """Gather the items, bring them down to the bill, and take off what points have paid.

    Points that were only held for the bill are redeemed by this.
    """
    lines = rules.gather(purchase.items, seen.rules)
    rules.prorate(lines, purchase.bill_amount)
    redemption = seen.bill.redemption if seen.bill else None
    if redemption is not None:
        if redemption.is_held:
            commit_hold(session, redemption.id, context.now)
        rules.pay_with_points(lines, redemption.amount)
    return lines


def _bill_of(seen: Seen, context: Context, purchase: EarnPoints, lines: list[Line], at: datetime) -> Bill:
    """Write into the bill what was bought, and what it has earned."""
    bill = seen.bill or Bill.of(purchase.bill_id, _card_id(seen), context.now)
    bill.bill_amount = purchase.bill_amount
    bill.lines = [bill_line(line, seen.rules.name_of(line.category_id)) for line in lines]
    bill.points_precision = seen.rules.points_precision
    bill.points_earned = rules.points_of(lines)
    bill.referral_percent = seen.rules.referral_points_percent
    bill.occurred_at = at
    bill.earned_at = context.now
    return bill


def _post_lines(posting: Posting, book: Book, purchase: EarnPoints, lines: list[Line], seen: Seen, validity: Validity) -> None:
    for line in lines:
        if line.points:
            posting.credit(
                book,
                "EARNED",
                line.points,
                reference="BILL",
                validity=validity,
                reference_id=purchase.bill_id,
                bill_id=purchase.bill_id,
                bill_amount=purchase.bill_amount,
                category_id=line.category_id,
                category_name=seen.rules.name_of(line.category_id),
                percentage=line.percentage,
            )
            book.earned += line.points


def _paid_referrer(session: Session, seen: Seen, books: dict[int, Book], at: datetime) -> Book | None:
    """Give the referrer who can be paid: the card is active, and its own programme runs."""
    referrer = books.get(seen.referrer_id) if seen.referrer_id is not None else None
    return referrer if referrer and referrer.is_active and earns(session, seen.rules, referrer.program_id, at) else None


def _concerns(referrer: Book, reward: Reward) -> bool:
    """Whether a return of the bill concerns the referrer: it paid them, or a campaign counts what the friend got as theirs."""
    if reward.referred or points_for(referrer.card_id, reward.bonuses):
        return True
    return any(gift.campaign.type == REFERRAL for gift in reward.promotion.gifts)


def _post_referral(
    posting: Posting, referrer: Book, book: Book, purchase: EarnPoints, points: Decimal, seen: Seen, validity: Validity
) -> None:
    posting.settle(referrer)
    posting.credit(
        referrer,
        "REFERRAL_EARNED",
        points,
        reference="BILL",
        validity=validity,
        reference_id=purchase.bill_id,
        referred_card_id=book.card_id,
        referred_bill_id=purchase.bill_id,
        bill_amount=purchase.bill_amount,
        percentage=seen.rules.referral_points_percent,
    )
    referrer.referral += points
