"""Searching cards by what a customer can say at the counter."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select

from card_service.cards.card import CARD_COLUMNS, CardAnswer, StoredCard, card_of, show
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from card_service.models.cards import loyalty_cards as card

LIST = "card-search"
_ESCAPE = "!"
_LITERALLY = str.maketrans({character: _ESCAPE + character for character in (_ESCAPE, "%", "_")})


@dataclass(frozen=True, slots=True)
class SearchCards:
    """Exactly one of phone, e-mail, beginning of the name, and customer id; closed cards are found too."""

    phone: str | None = None
    email: str | None = None
    name: str | None = None
    customer_id: int | None = None
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


def _search(condition: ColumnElement[bool]) -> Statement[StoredCard]:
    return Statement(
        select(*CARD_COLUMNS)
        .where(card.c.tenant_id == TENANT, card.c.id > bindparam("after"), condition)
        .order_by(card.c.id)
        .limit(bindparam("limit", type_=card.c.id.type)),
        card_of,
    )


_by = {
    "phone": _search(card.c.customer_phone == bindparam("wanted")),
    "email": _search(card.c.customer_email == bindparam("wanted")),
    # LIKE folds case by itself: SQLite that of ASCII letters, the servers that of every letter.
    "name": _search(card.c.customer_name.like(bindparam("wanted"), escape=_ESCAPE)),
    "customer_id": _search(card.c.customer_id == bindparam("wanted")),
}


def search_cards(session: Session, context: Context, query: SearchCards) -> Page[CardAnswer]:
    """Find a page of cards by id; raises ValidationFailed for a cursor of another list."""
    given: dict[str, Any] = {"phone": query.phone, "email": query.email, "customer_id": query.customer_id}
    if query.name is not None:
        given["name"] = query.name.translate(_LITERALLY) + "%"
    (by, wanted), *_ = [(name, value) for name, value in given.items() if value is not None]
    after = decode_cursor(LIST, query.cursor)
    found = session.all(_by[by], wanted=wanted, after=after or 0, limit=query.limit + 1)
    return page(LIST, [show(session, context, one) for one in found], query.limit, lambda shown: shown.id)
