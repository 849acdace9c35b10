"""Listing the cards that a card has referred, and what they brought it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from card_service.kit.wire import Answer
from card_service.ledger.lock import CardNotFound
from card_service.ledger.referred import bonuses_by_referred, points_by_referred
from card_service.models.cards import loyalty_cards as card


@dataclass(frozen=True, slots=True)
class ListReferrals:
    """A page of the cards that `card_id` has referred, by their ids."""

    card_id: int
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


class Referral(Answer, frozen=True):
    """A referred card; what the referrer keeps of its bills and of the bonuses for them, returns taken off."""

    card_id: int
    card_number: str
    customer_name: str | None
    status: str
    linked_at: datetime | None
    points_earned: Decimal
    bonus_points: Decimal


_exists: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id"))
)
_referred: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id, card.c.card_number, card.c.customer_name, card.c.status, card.c.referrer_linked_at)
    .where(
        card.c.tenant_id == TENANT,
        card.c.referrer_card_id == bindparam("referrer_id"),
        card.c.id > bindparam("after"),
    )
    .order_by(card.c.id)
    .limit(bindparam("limit", type_=card.c.id.type))
)


def list_referrals(session: Session, context: Context, query: ListReferrals) -> Page[Referral]:  # noqa: ARG001 - a use case
    """List a page of referrals; raises CardNotFound, ValidationFailed for a cursor of another list."""
    after = decode_cursor(_list_name(query.card_id), query.cursor)
    if session.one(_exists, card_id=query.card_id) is None:
        raise CardNotFound
    rows = session.all(_referred, referrer_id=query.card_id, after=after or 0, limit=query.limit + 1)
    referred = [row[0] for row in rows]
    points = points_by_referred(session, query.card_id, referred)
    bonuses = bonuses_by_referred(session, query.card_id, referred)
    referrals = [
        Referral(
            card_id=card_id,
            card_number=number,
            customer_name=name,
            status=status,
            linked_at=linked_at,
            points_earned=points.get(card_id, ZERO),
            bonus_points=bonuses.get(card_id, ZERO),
        )
        for card_id, number, name, status, linked_at in rows
    ]
    return page(_list_name(query.card_id), referrals, query.limit, lambda referral: referral.card_id)


def _list_name(card_id: int) -> str:
    return f"referrals:{card_id}"
