"""Giving open lots other dates: what that would touch, and doing it card by card."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Table, bindparam, func, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.books import Book
from card_service.ledger.lock import lock_card
from card_service.ledger.posting import Posting
from card_service.ledger.validity import HAND, Validity
from card_service.models.bills import bills, redemptions
from card_service.models.cards import loyalty_cards as card
from card_service.models.ledger import point_lots as lots

BATCH = 500
"""Cards that are looked at by one statement."""


class Dates(Protocol):
    """How lots are to be dated: a policy."""

    @property
    def counts_activity(self) -> bool:
        """Whether the last earn or redemption of a card counts."""

    def validity(self, available_at: datetime) -> Validity:
        """Give the dates of a lot that became, or becomes, available at this instant."""

    def active_until(self, last_activity: datetime | None) -> datetime | None:
        """Tell until when a card is active that last earned or redeemed at this instant; None of one that never has."""


@dataclass(slots=True)
class Touched:
    """Lots whose dates change, on which cards; `expiring` are the points whose new date is over, `earliest` the first date."""

    cards: list[int] = field(default_factory=list)
    lots: int = 0
    points: Decimal = ZERO
    expiring: Decimal = ZERO
    earliest: datetime | None = None

    def add(self, other: "Touched") -> None:
        """Count what was found on other cards, too."""
        self.cards += other.cards
        self.lots += other.lots
        self.points += other.points
        self.expiring += other.expiring
        self.earliest = min(filter(None, (self.earliest, other.earliest)), default=None)


class _OpenLot(NamedTuple):
    card_id: int
    lot_id: int
    remaining: Decimal
    available_at: datetime
    expires_at: datetime | None
    dated_by: str
    active_until: datetime | None

    @property
    def ends_at(self) -> datetime | None:
        """Give the date that counts."""
        return Validity(None, self.expires_at, self.dated_by).ends_at(self.active_until)


def _of_cards(column: Any) -> Any:
    return column.between(bindparam("first"), bindparam("last"))


_ids: Statement[tuple[Any, ...]] = Statement(
    select(card.c.id).where(card.c.tenant_id == TENANT, card.c.id > bindparam("after")).order_by(card.c.id).limit(BATCH)
)
_lots = Statement(
    select(
        lots.c.card_id,
        lots.c.id,
        lots.c.remaining,
        lots.c.available_at,
        lots.c.expires_at,
        lots.c.dated_by,
        card.c.active_until,
    )
    .select_from(lots.join(card, (card.c.tenant_id == TENANT) & (card.c.id == lots.c.card_id)))
    .where(
        lots.c.tenant_id == TENANT,
        _of_cards(lots.c.card_id),
        lots.c.remaining > bindparam("nothing", type_=lots.c.remaining.type),
        lots.c.dated_by != HAND,
    )
    .order_by(lots.c.card_id, lots.c.id),
    _OpenLot,
)


def _last(table: Table, instant: ColumnElement[Any]) -> tuple[Statement[tuple[Any, ...]], ...]:
    """Ask for the last of these rows of each card: its own, and those of the cards that were merged into it."""
    last = func.max(instant, type_=instant.type)
    its_own = select(table.c.card_id, last).where(table.c.tenant_id == TENANT, _of_cards(table.c.card_id))
    merged = card.c.merged_into_card_id
    joined = card.join(table, (table.c.tenant_id == TENANT) & (table.c.card_id == card.c.id))
    others = select(merged, last).select_from(joined).where(card.c.tenant_id == TENANT, _of_cards(merged))
    # One statement for both could use no index.
    return (
        Statement(its_own.where(instant.is_not(None)).group_by(table.c.card_id)),
        Statement(others.where(instant.is_not(None)).group_by(merged)),
    )


_activity = (*_last(bills, bills.c.earned_at), *_last(redemptions, redemptions.c.created_at))
_redate: Statement[None] = Statement(
    lots.update()
    .where(lots.c.tenant_id == TENANT, lots.c.id == bindparam("lot_id"))
    .values(expires_at=bindparam("expires_at"), dated_by=bindparam("dated_by"))
)


def survey(session: Session, context: Context, dates: Dates, after: int) -> tuple[Touched, int | None]:
    """Tell what these dates would touch on the next 500 cards after an id, and the last of those; None if there were none."""
    ids = [card_id for (card_id,) in session.all(_ids, after=after)]
    if not ids:
        return Touched(), None
    found = session.all(_lots, first=ids[0], last=ids[-1], nothing=ZERO)
    activity = _last_activity(session, dates, ids[0], ids[-1])
    touched = Touched()
    for card_id, open_lots in groupby(found, lambda lot: lot.card_id):
        touched.add(_touched(context, dates, open_lots, dates.active_until(activity.get(card_id)))[0])
    return touched, ids[-1]


def redate_card(session: Session, context: Context, dates: Dates, card_id: int) -> Touched:
    """Give the open lots of a card these dates, under its lock; what is past its new date expires at once.

    Dates that were given by hand stay. Raises CardNotFound.
    """
    book = lock_card(session, card_id)
    settling = Posting(session, context)
    settling.settle(book)
    settling.write()
    found = session.all(_lots, first=card_id, last=card_id, nothing=ZERO)
    until = dates.active_until(_last_activity(session, dates, card_id, card_id).get(card_id))
    touched, rows = _touched(context, dates, found, until)
    if rows:
        session.queue(_redate, rows)
        book.active_until = book.also["active_until"] = until
        _expire(session, context, book)
    return touched


def _expire(session: Session, context: Context, book: Book) -> None:
    posting = Posting(session, context)
    posting.touch(book)
    for lot in posting.open_lots(book):
        posting.expire(book, lot)
        if lot.remaining:
            book.due_at(lot.available_at if lot.is_pending else lot.expires_at)
    posting.write()


def _last_activity(session: Session, dates: Dates, first: int, last: int) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for statement in _activity if dates.counts_activity else ():
        for card_id, instant in session.all(statement, first=first, last=last):
            found[card_id] = max(instant, found.get(card_id, instant))
    return found


def _touched(
    context: Context, dates: Dates, found: Iterable[_OpenLot], until: datetime | None
) -> tuple[Touched, list[dict[str, Any]]]:
    touched, rows = Touched(), []
    for lot in found:
        validity = dates.validity(lot.available_at)
        ends_at = validity.ends_at(until)
        if (ends_at, validity.dated_by) == (lot.ends_at, lot.dated_by):
            continue
        past = ends_at is not None and ends_at <= context.now
        touched.add(Touched([], 1, lot.remaining, lot.remaining if past else ZERO, ends_at))
        touched.cards = [lot.card_id]
        rows.append({"lot_id": lot.lot_id, "expires_at": validity.expires_at, "dated_by": validity.dated_by})
    return touched, rows
