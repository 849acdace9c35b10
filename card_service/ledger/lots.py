"""Lots: every credit makes one, every spend says which it took, and what is past its date is settled.

Spending order: soonest to expire first, lots without a date last, then the older lot (docs/contract.md section 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.books import Book
from card_service.ledger.person import cards_of_person
from card_service.ledger.validity import Validity
from card_service.models.ledger import lot_spends, point_lots
from card_service.models.ledger import point_transactions as entries

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(slots=True)
class Lot:
    """A lot as it is stored, changed in memory until the posting is written.

    `expires_at` is the instant that counts: a later one than the lot's own if it follows the activity of its card.
    """

    id: int
    source: str
    original: Decimal
    remaining: Decimal
    debt_repaid: Decimal
    expired: Decimal
    available_at: datetime
    expires_at: datetime | None
    is_pending: bool
    dated_by: str
    bill_id: int | None
    category_id: int | None
    before: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        """Keep what is stored, to know later what has changed."""
        self.is_pending = bool(self.is_pending)
        self.before = self.state

    @property
    def state(self) -> tuple[Decimal, Decimal, Decimal, bool]:
        """Give all that a posting may change, what remains first."""
        return (self.remaining, self.debt_repaid, self.expired, self.is_pending)

    def of(self, book: Book) -> "Lot":
        """Give the lot with the date that it has by the activity of its card."""
        self.expires_at = book.expiry_of(Validity(self.available_at, self.expires_at, self.dated_by))
        return self

    def is_past(self, now: datetime) -> bool:
        """Whether its last valid instant is over."""
        return self.expires_at is not None and self.expires_at <= now

    def is_available(self, now: datetime) -> bool:
        """Whether its points can be spent."""
        return not self.is_pending and not self.is_past(now)

    @property
    def spending_order(self) -> tuple[bool, datetime, int]:
        """Sort key: the soonest to expire first, what never does last, then the older."""
        return (self.expires_at is None, self.expires_at or NEVER, self.id)


@dataclass(slots=True)
class Spend:
    """What one redemption took of one lot, and how much of it has come back."""

    id: int
    lot_id: int
    points: Decimal
    restored: Decimal


LOT_COLUMNS = (
    point_lots.c.id,
    point_lots.c.source,
    point_lots.c.original,
    point_lots.c.remaining,
    point_lots.c.debt_repaid,
    point_lots.c.expired,
    point_lots.c.available_at,
    point_lots.c.expires_at,
    point_lots.c.is_pending,
    point_lots.c.dated_by,
    point_lots.c.bill_id,
    point_lots.c.category_id,
)

_open_lots = Statement(
    select(*LOT_COLUMNS).where(
        point_lots.c.tenant_id == TENANT,
        point_lots.c.card_id == bindparam("card_id"),
        point_lots.c.remaining > bindparam("nothing", type_=point_lots.c.remaining.type),
    ),
    Lot,
)
_bill_lots = Statement(
    select(*LOT_COLUMNS)
    .where(
        point_lots.c.tenant_id == TENANT,
        point_lots.c.card_id == bindparam("card_id"),
        point_lots.c.bill_id == bindparam("bill_id"),
    )
    .order_by(point_lots.c.id),
    Lot,
)
_opened_lot = Statement(
    select(*LOT_COLUMNS).where(
        point_lots.c.tenant_id == TENANT,
        point_lots.c.opened_card_id == bindparam("card_id"),
        point_lots.c.opened_seq == bindparam("seq"),
    ),
    Lot,
)
_spent_lots = Statement(
    select(*LOT_COLUMNS)
    .select_from(lot_spends.join(point_lots, (point_lots.c.id == lot_spends.c.lot_id) & (point_lots.c.tenant_id == TENANT)))
    .where(lot_spends.c.tenant_id == TENANT, lot_spends.c.redemption_id == bindparam("redemption_id")),
    Lot,
)
_spends = Statement(
    select(lot_spends.c.id, lot_spends.c.lot_id, lot_spends.c.points, lot_spends.c.restored)
    .where(lot_spends.c.tenant_id == TENANT, lot_spends.c.redemption_id == bindparam("redemption_id"))
    .order_by(lot_spends.c.id.desc()),
    Spend,
)
# A lot that a merge has moved may have expired on the card that it was of then.
_own = cards_of_person()
_lost: Statement[tuple[Any, ...]] = Statement(
    select(entries.c.reference_id, func.sum(entries.c.points, type_=entries.c.points.type))
    .select_from(_own.join(entries, (entries.c.tenant_id == TENANT) & (entries.c.card_id == _own.c.card_id)))
    .where(
        entries.c.type == "EXPIRED",
        entries.c.reference_type == "LOT",
        entries.c.reference_id.in_(bindparam("lot_ids", expanding=True)),
    )
    .group_by(entries.c.reference_id)
)


def open_lots(session: Session, book: Book) -> list[Lot]:
    """Read the lots of a card that hold points, in spending order, pending ones too."""
    found = session.all(_open_lots, card_id=book.card_id, nothing=ZERO)
    return sorted((lot.of(book) for lot in found), key=lambda lot: lot.spending_order)


def bill_lots(session: Session, book: Book, bill_id: int) -> list[Lot]:
    """Read the lots that a bill made on this card, empty ones included."""
    return [lot.of(book) for lot in session.all(_bill_lots, card_id=book.card_id, bill_id=bill_id)]


def opened_lot(session: Session, book: Book, card_id: int, seq: int) -> list[Lot]:
    """Read the one lot that a row of the ledger of `card_id` opened; by now, after merges, it is of this book's card."""
    return [lot.of(book) for lot in session.all(_opened_lot, card_id=card_id, seq=seq)]


def spent_lots(session: Session, book: Book, redemption_id: int) -> tuple[list[Spend], list[Lot]]:
    """Read what a redemption of this card took, last taken first, and the lots it took it from."""
    spends = session.all(_spends, redemption_id=redemption_id)
    return spends, [lot.of(book) for lot in session.all(_spent_lots, redemption_id=redemption_id)]


def lost_for_good(session: Session, book: Book, lots: Sequence[Lot]) -> dict[int, Decimal]:
    """Tell what of each of these lots has expired for good; costs no statement where nothing has.

    What a redemption gave back after its lot's date is not lost: it is in a new lot (`Posting.restore`), and has no row
    EXPIRED in the ledger.
    """
    stored = [lot.id for lot in lots if lot.before[2]]
    posted = dict(session.all(_lost, card_id=book.card_id, lot_ids=stored)) if stored else {}
    return {lot.id: lot.expired - lot.before[2] - posted.get(lot.id, ZERO) for lot in lots}
