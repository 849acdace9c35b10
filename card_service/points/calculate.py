"""Calculate: what a bill would cost, what may be paid in points, and what it would earn.

A quote is an earn that was not posted: both run the same steps of `rules.py` over the same lines.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import bindparam, select

from card_service.card_config.rulebook import CardSystemDisabled, Rulebook
from card_service.cards.find import CardNotActive, CardNotFound, CardReplaced
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import ServiceError, ValidationFailed
from card_service.kit.money import MAX_AMOUNT, ZERO
from card_service.kit.wire import Answer
from card_service.ledger.idempotency import fingerprint, header_key, remember, replay
from card_service.ledger.shown import is_due, read_shown
from card_service.models.bills import bill_quotes as quotes
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import loyalty_cards as cards
from card_service.points import rules
from card_service.points.bill import (
    CANCELLED,
    BillAlreadyEarned,
    BillAlreadyRedeemed,
    BillCancelled,
    CardMismatch,
    write_document,
)
from card_service.points.bonuses import BonusGiven, given, points_for
from card_service.points.lines import QuotedLine, quoted_lines
from card_service.points.look import CardRef, Seen, look
from card_service.points.membership import member_of
from card_service.points.promotion import CampaignApplied, Promoted
from card_service.points.quotes import QuoteLine, save_quote
from card_service.points.redemption import check_points, points_asked
from card_service.points.reward import reward_of
from card_service.points.rules import Item, Limit, Line
from card_service.points.terms import Terms
from card_service.programs.cash_back import CashBack, cash_back
from card_service.programs.load import earns, program_of
from card_service.tiers.shown import Progress, TierChanged, TierShown

OPERATION = "calculate"


@dataclass(frozen=True, slots=True)
class Calculate:
    """A bill being rung up: items are gross; `points` or `redeem_amount` preview a redemption."""

    card: CardRef
    bill_id: int | None
    items: tuple[Item, ...]
    flat_discount: Decimal | None = None
    points: Decimal | None = None
    redeem_amount: Decimal | None = None

    @property
    def previews(self) -> bool:
        """Whether a redemption is asked about."""
        return self.points is not None or self.redeem_amount is not None


class Holder(NamedTuple):
    """The card as a quote needs it, whether its referrer can be paid, and what was remembered of the bill."""

    status: str | None
    available: Decimal | None
    pending: Decimal | None
    debt: Decimal | None
    next_due_at: datetime | None
    program_id: int | None
    referrer_status: str | None
    referrer_program_id: int | None
    payable: Decimal | None
    document: str | None


_referrer = cards.alias("referrer")
_holder_of = Statement(
    select(
        cards.c.status,
        cards.c.points_balance,
        cards.c.points_pending,
        cards.c.points_debt,
        cards.c.next_due_at,
        cards.c.program_id,
        _referrer.c.status,
        _referrer.c.program_id,
        quotes.c.payable_amount,
        quotes.c.lines,
    )
    .select_from(
        config.outerjoin(cards, (cards.c.tenant_id == TENANT) & (cards.c.id == bindparam("card_id")))
        .outerjoin(_referrer, (_referrer.c.tenant_id == TENANT) & (_referrer.c.id == cards.c.referrer_card_id))
        .outerjoin(quotes, (quotes.c.tenant_id == TENANT) & (quotes.c.bill_id == bindparam("bill_id")))
    )
    .where(config.c.tenant_id == TENANT),
    Holder,
)
NOBODY = Holder(*[None] * len(Holder._fields))


class Quote(Answer, frozen=True):
    """What the bill costs, may be paid with, and earns."""

    items: list[QuotedLine]
    total_discount: Decimal
    payable_amount: Decimal
    amount_deducted: Decimal
    amount_due: Decimal
    points_earned: Decimal
    referrer_points_earned: Decimal
    available_points: Decimal
    max_redeemable_points: Decimal
    max_redeemable_amount: Decimal
    redeem_blocked_reason: str | None
    enabled: bool
    bonus_points: Decimal
    bonuses: list[BonusGiven]
    campaigns: list[CampaignApplied]
    cash_back: CashBack | None
    tier: TierShown | None
    tier_changed: TierChanged | None
    progress: Progress | None


def calculate(session: Session, context: Context, request: Calculate) -> Quote:
    """Quote a bill; with a bill id, remember its payable for a later redemption.

    Raises CardNotFound and CardReplaced; everything else that would be refused is told in the answer.
    """
    print_ = fingerprint(request)
    seen = look(session, context, request.card, request.bill_id or 0, OPERATION)
    if request.card.is_named and seen.card_id is None:
        raise CardNotFound
    replay(None, seen.by_header, print_)
    if seen.is_replaced:
        raise CardReplaced
    holder = _holder(session, context, request, seen)
    quote, lines = _quote(session, context, request, seen, holder)
    if request.bill_id is not None:
        _remember_payable(session, context, request.bill_id, holder, quote.payable_amount, lines)
    if header_key(context):
        remember(session, context, OPERATION, None, print_, quote)
    return quote


def _quote(session: Session, context: Context, request: Calculate, seen: Seen, holder: Holder) -> tuple[Quote, list[Line]]:
    book = seen.rules
    member = member_of(session, context, seen, seen.card_id) if request.card.is_named and seen.card_id is not None else None
    terms = Terms(member.tier if member else None, earns=earns(session, book, holder.program_id, context.now))
    lines = rules.gather(request.items, book)
    total_discount = rules.discount(lines, book, request.flat_discount, terms)
    payable = rules.total(lines)
    if payable > MAX_AMOUNT:
        raise ValidationFailed({"items": [f"The bill would pass {MAX_AMOUNT}."]})
    limit = rules.redemption_limit(lines, payable, book)
    available = holder.available or ZERO
    deducted, reason = _deduction(request, seen, limit, holder)
    rules.pay_with_points(lines, deducted)
    pays_referrer = book.is_enabled and holder.referrer_status == "ACTIVE"
    pays_referrer = pays_referrer and earns(session, book, holder.referrer_program_id, context.now)
    buyer, paid_referrer = seen.card_id if request.card.is_named else None, seen.referrer_id if pays_referrer else None
    promoted = Promoted(request.bill_id or 0, payable, buyer, context.now, paid_referrer)
    reward = reward_of(session, seen, lines, promoted, terms, now=context.now, lock=False)
    usable = max(min(available, limit.points), ZERO)
    if usable < book.min_points_to_redeem or reason in {CardSystemDisabled.code, CardNotActive.code}:
        usable = ZERO
    quote = Quote(
        items=quoted_lines(lines),
        total_discount=total_discount,
        payable_amount=payable,
        amount_deducted=deducted,
        amount_due=max(payable - deducted, ZERO),
        points_earned=reward.earned,
        referrer_points_earned=reward.referred,
        available_points=available,
        max_redeemable_points=usable,
        max_redeemable_amount=rules.worth(usable, book.points_to_amount_rate),
        redeem_blocked_reason=reason,
        enabled=book.is_enabled,
        bonus_points=points_for(seen.card_id, reward.bonuses),
        bonuses=given(reward.bonuses),
        campaigns=reward.promotion.shown,
        cash_back=_as_money(session, book, holder),
        tier=member.shown if member else None,
        tier_changed=None,
        progress=member.progress if member else None,
    )
    return quote, lines


def _holder(session: Session, context: Context, request: Calculate, seen: Seen) -> Holder:
    """Read the card: what can be spent at this instant, whether or not what is due was settled yet."""
    card_id = seen.card_id if request.card.is_named else None
    holder = session.one(_holder_of, card_id=card_id, bill_id=request.bill_id) or NOBODY
    if card_id is None or holder.available is None:
        return holder._replace(available=ZERO)
    shown = read_shown(session, context, card_id) if is_due(holder.next_due_at, context) else None
    if shown is None:
        return holder
    return holder._replace(available=shown.book.balance, pending=shown.book.pending, debt=shown.book.debt)


def _as_money(session: Session, rules_: Rulebook, holder: Holder) -> CashBack | None:
    program = program_of(session, rules_, holder.program_id)
    return cash_back(program, rules_.points_to_amount_rate, holder.available or ZERO, holder.pending or ZERO, holder.debt or ZERO)


def _deduction(request: Calculate, seen: Seen, limit: Limit, holder: Holder) -> tuple[Decimal, str | None]:
    """Tell what points pay: the redemption that stands, or the one asked about, or nothing and why."""
    bill = seen.bill
    standing = ZERO
    if bill is not None and bill.redemption is not None and bill.state != CANCELLED and seen.is_own_bill:
        standing = bill.redemption.amount
    try:
        _check_card(seen, holder)
        if not request.previews:
            return standing, None
        _check_bill(seen)
        rate = seen.rules.points_to_amount_rate
        points = points_asked(request.points, request.redeem_amount, rate)
        check_points(points, holder.available or ZERO, limit, seen.rules)
    except ServiceError as refusal:
        return standing, refusal.code
    return rules.worth(points, rate), None


def _check_card(seen: Seen, holder: Holder) -> None:
    if not seen.rules.is_enabled:
        raise CardSystemDisabled
    if holder.status not in {None, "ACTIVE"}:
        raise CardNotActive


def _check_bill(seen: Seen) -> None:
    if seen.bill is None:
        return
    if not seen.is_own_bill:
        raise CardMismatch
    if seen.bill.state == CANCELLED:
        raise BillCancelled
    if seen.bill.redemption is not None:
        raise BillAlreadyRedeemed
    if seen.bill.is_earned:
        raise BillAlreadyEarned


def _remember_payable(
    session: Session, context: Context, bill_id: int, holder: Holder, payable: Decimal, lines: list[Line]
) -> None:
    document = write_document(
        [QuoteLine(category_id=line.category_id, amount=line.net, loyalty_eligible=line.loyalty_eligible) for line in lines]
    )
    if (holder.payable, holder.document) != (payable, document):
        save_quote(session, bill_id, payable, document, context.now, is_new=holder.document is None)
