"""Issuing a card, with a number of the tenant's own or one made here."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.audit_log import record_change
from card_service.cards.card import CardAnswer, show_card
from card_service.cards.choose_number import CardExists, choose_number, insert_number
from card_service.cards.name_referrer import ReferrerRef, lock_referrer
from card_service.cards.rules import joined, month_day, new_referral_code
from card_service.earning_rules.signup import pay_signup
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.money import ZERO
from card_service.kit.wire import CAME_LATER
from card_service.ledger.lock import ACTIVE
from card_service.models.cards import loyalty_cards as card
from card_service.referrals.chain import lock_links
from card_service.referrals.link import check_friend
from card_service.referrals.rules import Party
from card_service.tiers.multiplier import multiplier_of

OPERATION = "issue-card"


@dataclass(frozen=True, slots=True)
class IssueCard:
    """All of it may be left out: a card without a customer is given a name later."""

    card_number: str | None = None
    customer_id: int | None = None
    customer_name: str | None = None
    customer_phone: str | None = None
    customer_email: str | None = None
    referrer: ReferrerRef | None = None
    birth_date: date | None = field(default=None, metadata=CAME_LATER)
    segments: tuple[str, ...] = field(default=(), metadata=CAME_LATER)
    is_newcomer: bool = field(default=True, metadata=CAME_LATER)
    """False for a member of before, who is imported: nobody is paid for their joining."""


_live_card: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id).where(card.c.tenant_id == TENANT, card.c.live_customer_id == bindparam("customer_id"))
)
_NO_TIER = [c.name for c in card.c if c.name.startswith("tier_")]
_insert: Statement[None] = Statement(insert_into(card, "id", "program_id", *_NO_TIER))


def issue_card(session: Session, context: Context, request: IssueCard) -> CardAnswer:
    """Issue a card.

    Raises CardNotFound or CardReplaced for the referrer, CardExists, ReferrerInvalid, ValidationFailed for a
    number that is not of the tenant's pattern.
    """
    if request.referrer:
        lock_links(session)  # also two new cards of one person at once must see each other
    referrer_id = lock_referrer(session, request.referrer) if request.referrer else None
    refuse_second_card(session, request.customer_id)
    number = choose_number(session, request.card_number)
    if referrer_id is not None:
        check_friend(session, _newcomer(request), referrer_id)
    card_id = session.insert(
        _insert,
        card_number=number,
        customer_id=request.customer_id,
        customer_name=request.customer_name,
        customer_phone=request.customer_phone,
        customer_email=request.customer_email,
        birth_date=request.birth_date,
        birth_month_day=month_day(request.birth_date),
        segments=joined(request.segments),
        referral_code=new_referral_code(),
        referrer_card_id=referrer_id,
        referrer_linked_at=context.now if referrer_id is not None else None,
        points_balance=ZERO,
        points_pending=ZERO,
        points_debt=ZERO,
        total_points_earned=ZERO,
        total_points_redeemed=ZERO,
        total_referral_points_earned=ZERO,
        status=ACTIVE,
        merged_into_card_id=None,
        issued_at=context.now,
        first_earned_at=None,
        first_bill_id=None,
        friend_bill_id=None,
        last_transaction_at=None,
        next_due_at=None,
        active_until=None,
        seq=0,
        version=1,
        created_at=context.now,
        updated_at=context.now,
    )
    session.write(insert_number, card_number=number, card_id=card_id, replaced_at=None)
    record_change(
        session,
        context,
        entity="card",
        entity_id=card_id,
        action="issue",
        after={"card_number": number, "customer_id": request.customer_id, "referrer_card_id": referrer_id},
    )
    if request.is_newcomer:
        pay_signup(session, context, card_id, multiplier_of)
    return show_card(session, context, card_id)


def refuse_second_card(session: Session, customer_id: int | None, own_card_id: int | None = None) -> None:
    """Refuse a customer who has another card that is not closed; raises CardExists."""
    if customer_id is None:
        return
    row = session.one(_live_card, customer_id=customer_id)
    if row is not None and row[0] != own_card_id:
        raise CardExists("This customer has a card")


def _newcomer(request: IssueCard) -> Party:
    return Party(None, ACTIVE, request.customer_id, request.customer_phone, request.customer_email, None, None)
