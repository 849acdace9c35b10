"""What happens to a card by itself, read in one statement: its balances, its open lots, and the holds on its points."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, null, select, type_coerce, union_all

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.books import BOOK_COLUMNS, Book
from card_service.ledger.lots import LOT_COLUMNS, Lot, Spend
from card_service.models.bills import redemptions
from card_service.models.cards import loyalty_cards as card
from card_service.models.ledger import lot_spends as spends
from card_service.models.ledger import point_lots as lots


@dataclass(slots=True)
class Hold:
    """Points that are set aside for a bill until `expires_at`, and which lots they were taken out of, in this order."""

    redemption_id: int
    bill_id: int
    expires_at: datetime
    spends: list[Spend] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)


@dataclass(slots=True)
class Due:
    """A card as one statement found it: its book, its lots that hold points in spending order, and its live holds."""

    book: Book
    lots: list[Lot]
    holds: list[Hold]


_HOLD_COLUMNS = (
    redemptions.c.id,
    redemptions.c.bill_id,
    redemptions.c.hold_expires_at,
    spends.c.id,
    spends.c.lot_id,
    spends.c.points,
    spends.c.restored,
)
_ALL = (*BOOK_COLUMNS, *LOT_COLUMNS, *_HOLD_COLUMNS)
_BOOK, _LOT = len(BOOK_COLUMNS), len(BOOK_COLUMNS) + len(LOT_COLUMNS)


def _named(columns: Iterable[Any], first: int) -> list[Any]:
    return [column.label(f"c{number}") for number, column in enumerate(columns, first)]


_this = (card.c.tenant_id == TENANT) & (card.c.id == bindparam("card_id"))
_open = (
    select(*_named(_ALL[:_LOT], 0), *(type_coerce(null(), c.type).label(f"c{n}") for n, c in enumerate(_HOLD_COLUMNS, _LOT)))
    .select_from(
        card.outerjoin(
            lots,
            (lots.c.tenant_id == TENANT)
            & (lots.c.card_id == card.c.id)
            & (lots.c.remaining > bindparam("nothing", type_=lots.c.remaining.type)),
        )
    )
    .where(_this)
)
_held = (
    select(*_named(_ALL, 0))
    .select_from(
        card.join(
            redemptions,
            (redemptions.c.tenant_id == TENANT) & (redemptions.c.card_id == card.c.id) & (redemptions.c.status == "HELD"),
        )
        .join(spends, (spends.c.tenant_id == TENANT) & (spends.c.redemption_id == redemptions.c.id))
        .join(lots, (lots.c.tenant_id == TENANT) & (lots.c.id == spends.c.lot_id))
    )
    .where(_this)
)
_both = union_all(_open, _held).subquery("due")
_due: Statement[tuple[Any, ...]] = Statement(select(*_both.c))


def read_due(session: Session, card_id: int) -> Due | None:
    """Read a card with all that may change by itself; None if there is no such card.

    It is one statement, so that without a lock, too, everything in it belongs together.
    """
    rows = session.all(_due, card_id=card_id, nothing=ZERO)
    if not rows:
        return None
    book = Book(*rows[0][:_BOOK])
    found: dict[int, Lot] = {}
    holds: dict[int, Hold] = {}
    for row in rows:
        lot_values, (redemption_id, bill_id, expires_at, *spend) = row[_BOOK:_LOT], row[_LOT:]
        if lot_values[0] is None:
            continue
        lot = found.setdefault(lot_values[0], Lot(*lot_values).of(book))
        if redemption_id is not None:
            hold = holds.setdefault(redemption_id, Hold(redemption_id, bill_id, expires_at))
            hold.spends.append(Spend(*spend))
            hold.lots.append(lot)
    for hold in holds.values():
        hold.spends.sort(key=lambda spend: spend.id)
    open_ones = sorted((lot for lot in found.values() if lot.remaining), key=lambda lot: lot.spending_order)
    return Due(book, open_ones, [holds[redemption_id] for redemption_id in sorted(holds)])
