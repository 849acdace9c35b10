"""Putting an event into the outbox, in the transaction of its cause: both last, or neither does."""

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement
from card_service.kit.db.upsert import insert_once
from card_service.kit.wire import encode
from card_service.models.outbox import outbox

_add: Statement[None] = Statement(insert_once(outbox, "id"))


def emit(session: Session, context: Context, event: str, *, once: str, card_id: int, payload: object) -> None:
    """Queue an event of a card; a second one with the same `once` is left out, silently.

    `once` tells this event from every other of its name in the tenant, for ever: 1 to 120 ASCII characters such as
    `17:2026-03-31:7`. `payload` is an Answer or a mapping with names as on the wire; it names ids, never a person
    (docs/programme.md section 1, Events). Events of several cards in one transaction: after their locks.
    """
    row = {
        "event": event,
        "dedupe_key": key_of(event, once),
        "card_id": card_id,
        "payload": encode(payload),
        "created_at": context.now,
        "dispatched_at": None,
    }
    session.queue(_add, [row])


def key_of(event: str, once: str) -> str:
    """Give the key that an event is stored under."""
    return f"{event}:{once}"
