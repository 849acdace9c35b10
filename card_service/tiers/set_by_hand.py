"""Setting a customer's tier by hand, with a reason and, if it is to end, its last day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.audit_log import record_change
from card_service.kit.context import Context
from card_service.kit.days import day_of, end_of
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import ValidationFailed
from card_service.ledger.lock import CLOSED, CardNotFound, lock_open_card
from card_service.models.cards import loyalty_cards as card
from card_service.tiers import rules
from card_service.tiers.ladder import ladder_in_force
from card_service.tiers.member import open_member, read_stored
from card_service.tiers.record import settle
from card_service.tiers.rules import Ladder, Tier
from card_service.tiers.standing import StandingAnswer, show_standing
from card_service.tiers.tier import TierNotFound
from card_service.tiers.write import write_member

OPERATION = "set-tier"


@dataclass(frozen=True, slots=True)
class SetTier:
    """Which tier, by its id or its level, for whom, why, and until which day of the tenant (None: for good)."""

    customer_id: int
    tier_id: int | None
    tier_level: int | None
    reason: str
    until: date | None = None


_card_of: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id)
    .where(card.c.tenant_id == TENANT, card.c.customer_id == bindparam("customer_id"))
    .order_by(card.c.status == CLOSED, card.c.id.desc())
    .limit(1)
)


def set_tier(session: Session, context: Context, request: SetTier) -> StandingAnswer:
    """Put the customer's card into a tier; raises CardNotFound, CardNotActive, TierNotFound, ValidationFailed."""
    row = session.one(_card_of, customer_id=request.customer_id)
    if row is None:
        raise CardNotFound
    book = lock_open_card(session, row[0])
    in_force = ladder_in_force(session)
    member = open_member(session, context.now, book.card_id, read_stored(session, book.card_id), in_force)
    tier = _wanted(request, member.ladder)
    if tier is None:
        applies = member.ladder is in_force.ladder
        raise TierNotFound("There is no such active tier" if applies else "Tiers do not apply to cards of this card's programme")
    until = _end(request, context.now, in_force.zone)
    before = member.tier
    outcome = rules.set_by_hand(member.ladder, member.standing, tier, context.now, until, request.reason)
    settle(session, context, member, outcome, book.version)
    write_member(session, context, member)
    record_change(
        session,
        context,
        entity="card",
        entity_id=book.card_id,
        action="set-tier",
        reason=request.reason,
        before={"tier_id": before.id if before else None},
        after={"tier_id": tier.id, "until": request.until},
    )
    return show_standing(member)


def _wanted(request: SetTier, ladder: Ladder) -> Tier | None:
    return next((one for one in ladder.tiers if request.tier_id == one.id or request.tier_level == one.level), None)


def _end(request: SetTier, now: datetime, zone: str) -> datetime | None:
    if request.until is None:
        return None
    if request.until < day_of(now, zone):
        raise ValidationFailed({"until": ["Must not be a day that has passed."]})
    return end_of(request.until, zone)
