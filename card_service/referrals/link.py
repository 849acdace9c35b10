"""Linking a card to the one that referred it, once and before its first earn."""

from sqlalchemy import bindparam, select

from card_service.card_config.audit_log import record_change
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.lock import CardNotFound
from card_service.models.cards import loyalty_cards as card
from card_service.referrals.rules import Party, check_referrer

_party = Statement(
    select(
        card.c.id,
        card.c.status,
        card.c.customer_id,
        card.c.customer_phone,
        card.c.customer_email,
        card.c.referrer_card_id,
        card.c.first_earned_at,
    ).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id")),
    Party,
)
_link: Statement[None] = Statement(
    card.update()
    .where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id"))
    .values(
        referrer_card_id=bindparam("referrer_card_id"),
        referrer_linked_at=bindparam("now", type_=card.c.referrer_linked_at.type),
        updated_at=bindparam("now", type_=card.c.updated_at.type),
        version=card.c.version + 1,
    )
)


def read_party(session: Session, card_id: int) -> Party:
    """Read what the rules ask of a locked card; raises CardNotFound."""
    party = session.one(_party, card_id=card_id)
    if party is None:
        raise CardNotFound
    return party


def link(session: Session, context: Context, card_id: int, referrer_id: int) -> None:
    """Make `referrer_id` the referrer of `card_id`, both of which are locked; raises ReferrerInvalid."""
    check_referrer(read_party(session, card_id), read_party(session, referrer_id))
    session.write(_link, card_id=card_id, referrer_card_id=referrer_id, now=context.now)
    record_change(
        session,
        context,
        entity="card",
        entity_id=card_id,
        action="link-referrer",
        before={"referrer_card_id": None},
        after={"referrer_card_id": referrer_id},
    )
