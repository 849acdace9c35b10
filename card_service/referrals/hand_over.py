"""Handing the referrals of a card that is merged away to the card that stays."""

from typing import Any

from sqlalchemy import bindparam, null, or_, select, update

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.cards import loyalty_cards as card

_NOW = bindparam("now", type_=card.c.updated_at.type)
_referrer: Statement[tuple[Any, ...]] = Statement(
    select(card.c.referrer_card_id).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id"))
)
_clear: Statement[None] = Statement(
    update(card)
    .where(
        card.c.tenant_id == TENANT,
        card.c.referrer_card_id == bindparam("source_id"),
        or_(card.c.id == bindparam("target_id"), card.c.id == bindparam("target_referrer_id")),
    )
    .values(referrer_card_id=null(), referrer_linked_at=null(), version=card.c.version + 1, updated_at=_NOW)
)
_hand_over: Statement[None] = Statement(
    update(card)
    .where(card.c.tenant_id == TENANT, card.c.referrer_card_id == bindparam("source_id"))
    .values(referrer_card_id=bindparam("target_id"), version=card.c.version + 1, updated_at=_NOW)
)


def hand_over_referrals(session: Session, context: Context, source_id: int, target_id: int) -> None:
    """Make the target the referrer of all that the source has referred; every card concerned is locked.

    The target cannot refer itself, nor the card that referred it (docs/contract.md section 3): those links end.
    Each card's version counts on, so that an earn that has looked at it before its lock looks again.
    """
    row = session.one(_referrer, card_id=target_id)
    target_referrer_id = row[0] if row else None
    session.write(_clear, source_id=source_id, target_id=target_id, target_referrer_id=target_referrer_id, now=context.now)
    session.write(_hand_over, source_id=source_id, target_id=target_id, now=context.now)
