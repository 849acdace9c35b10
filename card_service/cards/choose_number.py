"""Choosing the number of a card: the tenant's own, or the next one made here."""

from typing import Any

from sqlalchemy import bindparam, select

from card_service.cards.numbers import card_number
from card_service.cards.rules import fits
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.errors import Conflict, ValidationFailed
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import card_numbers


class CardExists(Conflict):
    """The number was given to a card before, or the customer has a card."""

    code = "CARD_EXISTS"
    title = "There is such a card already"


_mask: Statement[tuple[Any, ...]] = Statement(select(config.c.card_number_pattern).where(config.c.tenant_id == TENANT))
_taken: Statement[tuple[Any, ...]] = Statement(
    select(card_numbers.c.card_id).where(
        card_numbers.c.tenant_id == TENANT, card_numbers.c.card_number == bindparam("card_number")
    )
)
_lock_serial: Statement[tuple[Any, ...]] = Statement(
    select(config.c.next_card_serial).where(config.c.tenant_id == TENANT).with_for_update()
)
_next_serial: Statement[None] = Statement(
    config.update().where(config.c.tenant_id == TENANT).values(next_card_serial=bindparam("next_serial"))
)
insert_number: Statement[None] = Statement(insert_into(card_numbers, "printed_at"))
"""Gives a number to a card for ever: `card_number`, `card_id`, `replaced_at`; nothing that bears it is printed yet."""


def choose_number(session: Session, own: str | None, field: str = "cardNumber") -> str:
    """Give a number that no card of the tenant ever had.

    Raises CardExists if the tenant's own number is taken, ValidationFailed (naming `field`) if it is not of the
    tenant's pattern, CardNumbersExhausted. Two cards issued at once cannot get one number: a made one is counted
    under the configuration's row lock, and a raced own one breaks the unique key and is judged again.
    """
    if own is None:
        return _made(session)
    row = session.one(_mask)
    mask = row[0] if row else None
    if mask is not None and not fits(mask, own):
        raise ValidationFailed({field: [f"Must be of the form {mask} (# a digit, @ a letter A-Z, * either)."]})
    if _is_taken(session, own):
        raise CardExists("This card number was given to a card before")
    return own


def _made(session: Session) -> str:
    row = session.one(_lock_serial)
    if row is None:
        msg = "the tenant has no card configuration"
        raise LookupError(msg)
    serial: int = row[0]
    while _is_taken(session, number := card_number(session.memory["card_number_key"], session.tenant_id, serial)):
        serial += 1
    session.write(_next_serial, next_serial=serial + 1)
    return number


def _is_taken(session: Session, number: str) -> bool:
    return session.one(_taken, card_number=number) is not None
