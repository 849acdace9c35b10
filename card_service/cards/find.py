"""Finding a card: by id, by number, or by its customer."""

from typing import Any

from sqlalchemy import bindparam, select

from card_service.cards.card import CARD_COLUMNS, CardAnswer, card_of, show, show_card
from card_service.cards.rules import is_card_number
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import Conflict
from card_service.ledger.lock import CLOSED, CardNotActive, CardNotFound
from card_service.models.cards import card_numbers
from card_service.models.cards import loyalty_cards as card

__all__ = [
    "CardNotActive",
    "CardNotFound",
    "CardReplaced",
    "find_by_customer",
    "find_by_number",
    "find_card",
    "id_of_number",
]


class CardReplaced(Conflict):
    """The card has a new number."""

    code = "CARD_REPLACED"
    title = "This card number has been replaced; use the customer's new card"


_number: Statement[tuple[Any, ...]] = Statement(
    select(card_numbers.c.card_id, card_numbers.c.replaced_at).where(
        card_numbers.c.tenant_id == TENANT, card_numbers.c.card_number == bindparam("card_number")
    )
)
_by_customer = Statement(
    select(*CARD_COLUMNS)
    .where(card.c.tenant_id == TENANT, card.c.customer_id == bindparam("customer_id"))
    .order_by(card.c.status == CLOSED, card.c.id.desc())
    .limit(1),
    card_of,
)


def find_card(session: Session, context: Context, card_id: int) -> CardAnswer:
    """Find a card by its id; raises CardNotFound."""
    return show_card(session, context, card_id)


def find_by_number(session: Session, context: Context, card_number: str) -> CardAnswer:
    """Find a card by its number; raises CardNotFound, CardReplaced for a number that it had before."""
    return show_card(session, context, id_of_number(session, card_number))


def find_by_customer(session: Session, context: Context, customer_id: int) -> CardAnswer:
    """Find a customer's card: the live one, or else the last that was closed; raises CardNotFound."""
    found = session.one(_by_customer, customer_id=customer_id)
    if found is None:
        raise CardNotFound
    return show(session, context, found)


def id_of_number(session: Session, card_number: str) -> int:
    """Tell which card a number belongs to; raises CardNotFound, CardReplaced."""
    row = session.one(_number, card_number=card_number) if is_card_number(card_number) else None
    if row is None:
        raise CardNotFound
    card_id, replaced_at = row
    if replaced_at is not None:
        raise CardReplaced
    return int(card_id)
