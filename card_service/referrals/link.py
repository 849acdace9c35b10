"""Linking a card to the one that referred it, once and before its first earn."""

from typing import Any

from sqlalchemy import bindparam, or_, select

from card_service.card_config.audit_log import record_change
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.lock import CardNotFound
from card_service.models.cards import loyalty_cards as card
from card_service.referrals.chain import cards_above
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
_PERSON = {"customer_id": "customer id", "customer_phone": "phone number", "customer_email": "e-mail address"}
_twins: dict[str, Statement[tuple[Any, ...]]] = {
    name: Statement(
        select(card.c.id)
        .where(
            card.c.tenant_id == TENANT,
            card.c[name] == bindparam("value"),
            card.c.id != bindparam("card_id"),
            or_(card.c.merged_into_card_id.is_(None), card.c.merged_into_card_id != bindparam("card_id")),
        )
        .limit(1)
    )
    for name in _PERSON
}
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


def check_friend(session: Session, friend: Party, referrer_id: int) -> None:
    """Refuse a referrer that this card cannot have; both and the links are locked. Raises CardNotFound, ReferrerInvalid."""
    above = set() if friend.card_id is None else cards_above(session, referrer_id, with_merged=True)
    check_referrer(friend, read_party(session, referrer_id), above, _shared_with_another(session, friend))


def link(session: Session, context: Context, card_id: int, referrer_id: int) -> None:
    """Make `referrer_id` the referrer of `card_id`, both of which are locked as are the links; raises ReferrerInvalid."""
    check_friend(session, read_party(session, card_id), referrer_id)
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


def _shared_with_another(session: Session, friend: Party) -> str | None:
    """Name what this card shares with another, a closed one too; those merged into it are its own."""
    for name, told in _PERSON.items():
        value = getattr(friend, name)
        if value is not None and session.one(_twins[name], value=value, card_id=friend.card_id or 0) is not None:
            return told
    return None
