"""Paying a card for an activity: one award for each reference, whoever asks for it however often."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select

from card_service.card_config.lot_dates import validity_of
from card_service.card_config.rulebook import Rulebook
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.kit.money import ZERO
from card_service.ledger.books import Book
from card_service.ledger.person import cards_of_person
from card_service.ledger.posting import Posting
from card_service.models.earning import activity_awards as awards


@dataclass(frozen=True, slots=True)
class Payment:
    """What is paid, and for what: `code` is empty but for CUSTOM, `rule_id` None for a tier's birthday points."""

    activity: str
    reference: str
    points: Decimal
    name: str
    rule_id: int | None
    code: str = ""
    pending_days: int = 0


@dataclass(frozen=True, slots=True)
class Award:
    """An award as it is stored, with the balance that the card had right after it."""

    id: int
    card_id: int
    rule_id: int | None
    points: Decimal
    new_balance: Decimal
    pending_points: Decimal


# A card's awards are also those of the cards that were merged into it: they are one person's.
_own = cards_of_person()
_awarded = _own.join(awards, (awards.c.tenant_id == TENANT) & (awards.c.card_id == _own.c.card_id))
_find = Statement(
    select(*(awards.c[name] for name in Award.__dataclass_fields__))
    .select_from(_awarded)
    .where(
        awards.c.activity == bindparam("activity"),
        awards.c.code == bindparam("code"),
        awards.c.reference == bindparam("reference"),
    )
    .order_by(awards.c.id)
    .limit(1),
    Award,
)
_count: Statement[tuple[Any, ...]] = Statement(
    select(func.count())
    .select_from(_awarded)
    .where(
        awards.c.rule_id == bindparam("rule_id"),
        awards.c.created_at >= bindparam("since", type_=awards.c.created_at.type),
    )
)
_insert: Statement[None] = Statement(insert_into(awards, "id"))


def find_award(session: Session, card_id: int, activity: str, code: str, reference: str) -> Award | None:
    """Find what was paid for this reference before; the card is locked."""
    return session.one(_find, card_id=card_id, activity=activity, code=code, reference=reference)


def count_awards(session: Session, card_id: int, rule_id: int, since: datetime) -> int:
    """Count what a rule has paid a card since an instant; the card is locked."""
    return int(session.all(_count, card_id=card_id, rule_id=rule_id, since=since)[0][0])


def pay(session: Session, context: Context, rulebook: Rulebook, book: Book, payment: Payment) -> Award:
    """Post an award to a locked card."""
    posting = Posting(session, context)
    posting.settle(book)
    validity = validity_of(rulebook, context.now, payment.pending_days)
    posting.credit(
        book,
        "BONUS",
        payment.points,
        reference="ACTIVITY",
        validity=validity,
        reference_id=payment.rule_id,
        description=payment.name,
    )
    book.earned += payment.points
    posting.write()
    row: dict[str, Any] = {
        "card_id": book.card_id,
        "rule_id": payment.rule_id,
        "points": payment.points,
        "new_balance": book.balance,
        "pending_points": payment.points if validity.available_at else ZERO,
    }
    award_id = session.insert(
        _insert,
        **row,
        activity=payment.activity,
        code=payment.code,
        reference=payment.reference,
        created_at=context.now,
    )
    return Award(id=award_id, **row)
