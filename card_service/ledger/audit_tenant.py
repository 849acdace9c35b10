"""The proof of a whole tenant, a batch of cards at a time."""

from sqlalchemy import bindparam, func, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.audit import CardAudit, prove
from card_service.ledger.sums import CARD_COLUMNS, StoredCard
from card_service.models.cards import loyalty_cards as cards

BATCH = 500
"""Cards a batch: their sums are read together, by fifteen statements."""

_count: Statement[tuple[int]] = Statement(select(func.count()).select_from(cards).where(cards.c.tenant_id == TENANT))
_page: Statement[StoredCard] = Statement(
    select(*CARD_COLUMNS).where(cards.c.tenant_id == TENANT, cards.c.id > bindparam("after")).order_by(cards.c.id).limit(BATCH),
    StoredCard,
)


def count_cards(session: Session, context: Context) -> int:  # noqa: ARG001 - a use case
    """Count the tenant's cards."""
    row = session.one(_count)
    return int(row[0]) if row else 0


def audit_batch(session: Session, context: Context, after: int) -> list[CardAudit]:
    """Prove up to 500 cards whose ids come after this one, without locking any; see `prove`."""
    return prove(session, context, session.all(_page, after=after))
