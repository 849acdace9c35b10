"""Listing all cards of a tenant, by id."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from card_service.cards.card import CARD_COLUMNS, CardAnswer, card_of, show
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from card_service.models.cards import loyalty_cards as card

LIST = "cards"


@dataclass(frozen=True, slots=True)
class ListCards:
    """A page of all cards."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


_cards = Statement(
    select(*CARD_COLUMNS)
    .where(card.c.tenant_id == TENANT, card.c.id > bindparam("after"))
    .order_by(card.c.id)
    .limit(bindparam("limit", type_=card.c.id.type)),
    card_of,
)


def list_cards(session: Session, context: Context, query: ListCards) -> Page[CardAnswer]:
    """List a page of cards, the oldest first; raises ValidationFailed for a cursor of another list."""
    after = decode_cursor(LIST, query.cursor)
    found = session.all(_cards, after=after or 0, limit=query.limit + 1)
    return page(LIST, [show(session, context, one) for one in found], query.limit, lambda shown: shown.id)
