"""A card's history: its ledger, newest first, a page at a time from wherever the last page ended."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.load import load_rulebook
from card_service.cards.find import CardNotFound
from card_service.kit.context import Context
from card_service.kit.days import end_of, start_of
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.wire import Answer
from card_service.models.cards import loyalty_cards as cards
from card_service.models.ledger import TRANSACTION_TYPES
from card_service.models.ledger import point_transactions as ledger

FIRST_PAGE = 2**63 - 1
TYPES = TRANSACTION_TYPES


class Transaction(Answer, frozen=True):
    """One row of the ledger; `points` are signed, `balance_after` is the running sum of the card's ledger."""

    id: int
    seq: int
    type: str
    points: Decimal
    balance_after: Decimal
    reference_type: str
    reference_id: int | None
    bill_id: int | None
    bill_amount: Decimal | None
    category_id: int | None
    category_name: str | None
    percentage: Decimal | None
    referred_card_id: int | None
    referred_bill_id: int | None
    performed_by: str
    description: str | None
    occurred_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReadHistory:
    """Which rows of which card: those before `before_seq`, newest first, filtered; days are the tenant's."""

    card_id: int
    before_seq: int | None = None
    limit: int = 50
    type: str | None = None
    bill_id: int | None = None
    first_day: date | None = None
    last_day: date | None = None


_card = Statement(select(cards.c.id).where(cards.c.tenant_id == TENANT, cards.c.id == bindparam("card_id")))


def _page(*filters: Any) -> Statement[Transaction]:
    return Statement(
        select(*(ledger.c[name] for name in Transaction.__struct_fields__))
        .where(
            ledger.c.tenant_id == TENANT,
            ledger.c.card_id == bindparam("card_id"),
            ledger.c.seq < bindparam("before_seq"),
            *filters,
        )
        .order_by(ledger.c.seq.desc())
        .limit(bindparam("limit", type_=ledger.c.id.type)),
        lambda *row: Transaction(**dict(zip(Transaction.__struct_fields__, row, strict=True))),
    )


_FILTERS = {
    "type": ledger.c.type == bindparam("type"),
    # The referrer's rows name the bill as the one of the card they referred.
    "bill_id": (ledger.c.bill_id == bindparam("bill_id")) | (ledger.c.referred_bill_id == bindparam("bill_id")),
    "since": ledger.c.created_at >= bindparam("since", type_=ledger.c.created_at.type),
    "until": ledger.c.created_at < bindparam("until", type_=ledger.c.created_at.type),
}
_pages = {
    chosen: _page(*(_FILTERS[name] for name in chosen))
    for count in range(2 ** len(_FILTERS))
    for chosen in [tuple(name for bit, name in enumerate(_FILTERS) if count >> bit & 1)]
}


def read_history(session: Session, context: Context, query: ReadHistory) -> list[Transaction]:  # noqa: ARG001 - a use case
    """Read a page; raises CardNotFound."""
    if session.one(_card, card_id=query.card_id) is None:
        raise CardNotFound
    values: dict[str, Any] = {"type": query.type, "bill_id": query.bill_id}
    if query.first_day is not None or query.last_day is not None:
        timezone = load_rulebook(session).timezone
        values["since"] = start_of(query.first_day, timezone) if query.first_day else None
        values["until"] = end_of(query.last_day, timezone) if query.last_day else None
    chosen = {name: value for name, value in values.items() if value is not None}
    statement = _pages[tuple(name for name in _FILTERS if name in chosen)]
    before = query.before_seq if query.before_seq is not None else FIRST_PAGE
    return session.all(statement, card_id=query.card_id, before_seq=before, limit=query.limit, **chosen)
