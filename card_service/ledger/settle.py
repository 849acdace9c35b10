"""Settling a card that nobody has touched: what the jobs do with whatever has become due."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.lock import lock_card
from card_service.ledger.posting import Posting, Settled
from card_service.models.cards import loyalty_cards as card

_due: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id)
    .where(
        card.c.tenant_id == TENANT,
        card.c.id > bindparam("after_id"),
        card.c.next_due_at <= bindparam("before", type_=card.c.next_due_at.type),
    )
    .order_by(card.c.id)
    .limit(bindparam("limit", type_=card.c.id.type))
)


def settle_card(session: Session, context: Context, card_id: int) -> Settled:
    """Post what has become due on a card at `context.now`; a card with nothing due is left as it is. Raises CardNotFound.

    Points become available, holds that have lapsed give theirs back, and what is past its date expires.
    """
    book = lock_card(session, card_id)
    posting = Posting(session, context)
    done = posting.settle(book)
    posting.write()
    return done


def due_cards(session: Session, context: Context, before: datetime, after_id: int, limit: int) -> list[int]:  # noqa: ARG001
    """List the ids of cards, above `after_id` and in their order, on which something is due at `before` or earlier.

    On some of them nothing is, for a date may have moved on since it was noted; settling them notes the right one.
    """
    return [card_id for (card_id,) in session.all(_due, before=before, after_id=after_id, limit=limit)]
