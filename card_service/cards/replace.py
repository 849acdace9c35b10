"""Replacing a lost or worn card: a new number, everything else as it was."""

from dataclasses import dataclass

from sqlalchemy import bindparam

from card_service.card_config.audit_log import record_change
from card_service.cards.card import CardAnswer, show_card, update_card
from card_service.cards.choose_number import choose_number, insert_number
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.lock import lock_open_card
from card_service.models.cards import card_numbers

OPERATION = "replace-card"


@dataclass(frozen=True, slots=True)
class ReplaceCard:
    """The card, why, and its new number if the tenant brings one of its own."""

    card_id: int
    reason: str
    new_card_number: str | None = None


_renumber: Statement[None] = Statement(update_card("card_number"))
_retire: Statement[None] = Statement(
    card_numbers.update()
    .where(card_numbers.c.tenant_id == TENANT, card_numbers.c.card_number == bindparam("old_number"))
    .values(replaced_at=bindparam("replaced_at"))
)


def replace_card(session: Session, context: Context, request: ReplaceCard) -> CardAnswer:
    """Give a card a new number; the old one answers CARD_REPLACED from now on and is never given again.

    Raises CardNotFound, CardNotActive for a closed card, CardExists, ValidationFailed for a number that is not of
    the tenant's pattern.
    """
    book = lock_open_card(session, request.card_id)
    number = choose_number(session, request.new_card_number, "newCardNumber")
    old_number = show_card(session, context, book.card_id).card_number
    session.write(_retire, old_number=old_number, replaced_at=context.now)
    session.write(insert_number, card_number=number, card_id=book.card_id, replaced_at=None)
    session.write(_renumber, card_id=book.card_id, card_number=number, now=context.now)
    record_change(
        session,
        context,
        entity="card",
        entity_id=book.card_id,
        action="replace",
        reason=request.reason,
        before={"card_number": old_number},
        after={"card_number": number},
    )
    return show_card(session, context, book.card_id)
