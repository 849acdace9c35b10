"""Handing the referrals of a card that is merged away to the card that stays."""

from sqlalchemy import bindparam, null, update

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.cards import loyalty_cards as card
from card_service.referrals.chain import cards_above

_NOW = bindparam("now", type_=card.c.updated_at.type)
_clear: Statement[None] = Statement(
    update(card)
    .where(
        card.c.tenant_id == TENANT,
        card.c.referrer_card_id == bindparam("source_id"),
        card.c.id.in_(bindparam("rings", expanding=True)),
    )
    .values(referrer_card_id=null(), referrer_linked_at=null(), version=card.c.version + 1, updated_at=_NOW)
)
_hand_over: Statement[None] = Statement(
    update(card)
    .where(card.c.tenant_id == TENANT, card.c.referrer_card_id == bindparam("source_id"))
    .values(referrer_card_id=bindparam("target_id"), version=card.c.version + 1, updated_at=_NOW)
)


def hand_over_referrals(session: Session, context: Context, source_id: int, target_id: int) -> None:
    """Make the target the referrer of all that the source has referred; every card concerned and the links are locked.

    The target cannot refer itself, nor one of those above it (docs/programme.md section 5): those links end. The source's
    own referrer stays written on it, as history: a closed card brings nobody anything. Raises ReferrerInvalid.
    Each card's version counts on, so that an earn that has looked at it before its lock looks again.
    """
    rings = {target_id} | cards_above(session, target_id, with_merged=False)
    session.write(_clear, source_id=source_id, rings=sorted(rings), now=context.now)
    session.write(_hand_over, source_id=source_id, target_id=target_id, now=context.now)
