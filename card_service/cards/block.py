"""Suspending a card and letting it go on; a suspended card neither earns nor redeems, returns go on."""

from dataclasses import dataclass

from card_service.card_config.audit_log import record_change
from card_service.cards.card import CardAnswer, show_card, update_card
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement
from card_service.ledger.lock import ACTIVE, SUSPENDED, lock_open_card

BLOCK, UNBLOCK = "block-card", "unblock-card"


@dataclass(frozen=True, slots=True)
class SetBlocked:
    """The card, and why."""

    card_id: int
    reason: str | None = None


_set_status: Statement[None] = Statement(update_card("status"))


def block_card(session: Session, context: Context, request: SetBlocked) -> CardAnswer:
    """Suspend a card; raises CardNotFound, CardNotActive for a closed one."""
    return _set(session, context, request, SUSPENDED, "block")


def unblock_card(session: Session, context: Context, request: SetBlocked) -> CardAnswer:
    """Make a card active again; raises CardNotFound, CardNotActive for a closed one."""
    return _set(session, context, request, ACTIVE, "unblock")


def _set(session: Session, context: Context, request: SetBlocked, status: str, action: str) -> CardAnswer:
    book = lock_open_card(session, request.card_id)
    if book.status != status:
        session.write(_set_status, card_id=book.card_id, status=status, now=context.now)
        record_change(
            session,
            context,
            entity="card",
            entity_id=book.card_id,
            action=action,
            reason=request.reason,
            before={"status": book.status},
            after={"status": status},
        )
    return show_card(session, context, book.card_id)
