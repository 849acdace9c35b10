"""Closing a card for ever; nothing of it is erased, and its bills can still come back."""

from card_service.card_config.audit_log import record_change
from card_service.cards.card import update_card
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement
from card_service.ledger.lock import CLOSED, lock_card

_close: Statement[None] = Statement(update_card("status"))


def close_card(session: Session, context: Context, card_id: int) -> None:
    """Close a card, which lets its customer have another; closing it again changes nothing. Raises CardNotFound."""
    book = lock_card(session, card_id)
    if book.status == CLOSED:
        return
    session.write(_close, card_id=card_id, status=CLOSED, now=context.now)
    record_change(
        session,
        context,
        entity="card",
        entity_id=card_id,
        action="close",
        before={"status": book.status},
        after={"status": CLOSED},
    )
