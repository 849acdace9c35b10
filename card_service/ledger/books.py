"""A card's books while its lock is held: what they say now, and what a posting is about to make of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, bindparam, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.validity import Validity
from card_service.models.cards import loyalty_cards as card


@dataclass(slots=True)
class Book:
    """One locked card. `balance` is what can be spent: the available lots less the debt.

    `earned`, `redeemed` and `referral` are what this posting adds to the card's totals; `also` are further columns of the
    card, by name, that the use case sets in the same UPDATE.
    """

    card_id: int
    status: str
    seq: int
    version: int
    balance: Decimal
    pending: Decimal
    debt: Decimal
    next_due_at: datetime | None
    program_id: int | None
    active_until: datetime | None
    earned: Decimal = ZERO
    redeemed: Decimal = ZERO
    referral: Decimal = ZERO
    also: dict[str, Any] = field(default_factory=dict)
    locked_seq: int = -1

    def __post_init__(self) -> None:
        """Keep the number that the row must still have when it is written."""
        self.locked_seq = self.seq

    def written(self) -> None:
        """Begin again after a write: a use case may post twice under one lock."""
        self.locked_seq = self.seq
        self.earned = self.redeemed = self.referral = ZERO
        self.also = {}

    @property
    def is_active(self) -> bool:
        """Whether the card may earn and redeem."""
        return self.status == "ACTIVE"

    def is_due(self, now: datetime) -> bool:
        """Whether some lot may have expired or become available, or some hold have ended."""
        return self.next_due_at is not None and self.next_due_at <= now

    def due_at(self, instant: datetime | None) -> None:
        """Note that a lot changes, or a hold ends, by itself at this instant."""
        if instant is not None and (self.next_due_at is None or instant < self.next_due_at):
            self.next_due_at = instant

    def expiry_of(self, validity: Validity) -> datetime | None:
        """Tell when points of this validity expire on this card."""
        return validity.ends_at(self.active_until)

    def keep_active(self, until: datetime | None) -> None:
        """Move the date of the lots that follow the card's activity: on, never back."""
        if until is not None and (self.active_until is None or self.active_until < until):
            self.active_until = self.also["active_until"] = until


BOOK_COLUMNS = (
    card.c.id,
    card.c.status,
    card.c.seq,
    card.c.version,
    card.c.points_balance,
    card.c.points_pending,
    card.c.points_debt,
    card.c.next_due_at,
    card.c.program_id,
    card.c.active_until,
)

BY_ID = "FORCE INDEX (uq_loyalty_cards_tenant_id_id)"
"""Ten keys begin with the tenant. A server that has few cards would rather read, and lock, them all by another one."""


def by_id(statement: Select[Any]) -> Select[Any]:
    """Make a SELECT of cards find them by tenant and id, so that a lock is on the rows it names and on no other."""
    return statement.with_hint(card, BY_ID, "mysql").with_hint(card, BY_ID, "mariadb")


_lock = Statement(
    by_id(select(*BOOK_COLUMNS))
    .where(card.c.tenant_id == TENANT, card.c.id.in_((bindparam("first"), bindparam("second"))))
    .order_by(card.c.id)
    .with_for_update(),
    Book,
)
_lock_one = Statement(
    by_id(select(*BOOK_COLUMNS)).where(card.c.tenant_id == TENANT, card.c.id == bindparam("first")).with_for_update(), Book
)


def lock_cards(session: Session, card_ids: Iterable[int]) -> dict[int, Book]:
    """Lock one or two cards in ascending id order, in one statement, and read their books.

    In this order two requests can never wait for each other (docs/reliability.md rule 2).
    """
    first, *others = sorted(set(card_ids))
    if not others:
        rows = session.all(_lock_one, first=first)
    else:
        (second,) = others
        rows = session.all(_lock, first=first, second=second)
    return {book.card_id: book for book in rows}
