"""Changing who holds a card: the customer's id, name, phone, e-mail address and birthday, and the card's segments."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.audit_log import record_change
from card_service.card_config.settings import VersionConflict
from card_service.cards.card import CardAnswer, show_card, update_card
from card_service.cards.issue import refuse_second_card
from card_service.cards.rules import month_day
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.lock import CLOSED, lock_card
from card_service.models.cards import loyalty_cards as card

HOLDER = ("customer_id", "customer_name", "customer_phone", "customer_email", "birth_date", "segments")


@dataclass(frozen=True, slots=True)
class ChangeCard:
    """The fields of HOLDER to change (None empties one), and the version last read, if it is to be checked."""

    card_id: int
    fields: dict[str, Any]
    version: int | None = None


_holder: Statement[tuple[Any, ...]] = Statement(
    select(*(card.c[name] for name in HOLDER)).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id"))
)
_change: Statement[None] = Statement(update_card(*HOLDER, "birth_month_day"))


def change_card(session: Session, context: Context, request: ChangeCard) -> CardAnswer:
    """Change the fields that were sent, of a closed card too: what is kept of a person must be correctable.

    Raises CardNotFound, VersionConflict, CardExists for a customer who has another card.
    """
    book = lock_card(session, request.card_id)
    if request.version is not None and request.version != book.version:
        raise VersionConflict
    (row,) = session.all(_holder, card_id=book.card_id)
    before = dict(zip(HOLDER, row, strict=True))
    after = before | request.fields
    changed = [name for name in HOLDER if before[name] != after[name]]
    if "customer_id" in changed and book.status != CLOSED:
        refuse_second_card(session, after["customer_id"], book.card_id)
    if changed:
        session.write(_change, card_id=book.card_id, now=context.now, birth_month_day=month_day(after["birth_date"]), **after)
        record_change(
            session,
            context,
            entity="card",
            entity_id=book.card_id,
            action="change",
            before=_logged(before, changed),
            after=_logged(after, changed),
        )
    return show_card(session, context, book.card_id)


def _logged(fields: dict[str, Any], changed: list[str]) -> dict[str, Any]:
    """Name what changed; a phone, an e-mail address, a name and a birthday themselves have no place in a log."""
    return {"changed": changed, **{name: fields[name] for name in changed if name in {"customer_id", "segments"}}}
