"""Every change of a card's tier, newest first."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.pagination import DEFAULT_LIMIT, MAX_KEY, Page, decode_cursor, page
from card_service.kit.wire import Answer
from card_service.ledger.lock import CardNotFound
from card_service.models.tiers import tier_history as history
from card_service.tiers.member import find_stored


@dataclass(frozen=True, slots=True)
class ListChanges:
    """A page of the changes of a card."""

    card_id: int
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


class TierChange(Answer, frozen=True):
    """One change: the figures are those of the window of the higher of the two tiers."""

    id: int
    type: str
    from_tier_id: int | None
    to_tier_id: int | None
    reason: str
    spend: Decimal
    points: Decimal
    orders: int
    until: datetime | None
    performed_by: str
    created_at: datetime
    bill_id: int | None


def _change(*values: Any) -> TierChange:
    return TierChange(**dict(zip(TierChange.__struct_fields__, values, strict=True)))


_changes = Statement(
    select(*(history.c[name] for name in TierChange.__struct_fields__))
    .where(
        history.c.tenant_id == TENANT,
        history.c.card_id == bindparam("card_id"),
        history.c.id < bindparam("before"),
    )
    .order_by(history.c.id.desc())
    .limit(bindparam("limit", type_=history.c.id.type)),
    _change,
)


def list_changes(session: Session, context: Context, query: ListChanges) -> Page[TierChange]:  # noqa: ARG001 - a use case
    """List a page of a card's changes; raises CardNotFound, ValidationFailed for a cursor of another list."""
    name = f"tier-history:{query.card_id}"
    before = decode_cursor(name, query.cursor)
    if find_stored(session, query.card_id) is None:
        raise CardNotFound
    rows = changes_before(session, query.card_id, MAX_KEY if before is None else before, query.limit + 1)
    return page(name, rows, query.limit, lambda change: change.id)


def changes_before(session: Session, card_id: int, before: int, limit: int) -> list[TierChange]:
    """Give the changes of a card whose ids are below one, newest first."""
    return session.all(_changes, card_id=card_id, before=before, limit=limit)
