"""Lots: every credit makes one, every spend says which it took, and what is past its date is settled.

Spending order: soonest to expire first, lots without a date last, then the older lot (docs/contract.md section 4).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, func, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.models.ledger import lot_spends, point_lots


@dataclass(slots=True)
class Lot:
    """A lot as it is stored, changed in memory until the posting is written."""

    id: int
    source: str
    original: Decimal
    remaining: Decimal
    debt_repaid: Decimal
    expired: Decimal
    available_at: datetime
    expires_at: datetime | None
    bill_id: int | None
    category_id: int | None
    before: tuple[Decimal, Decimal, Decimal] = field(default=(ZERO, ZERO, ZERO))

    def __post_init__(self) -> None:
        """Keep what is stored, to know later what has changed."""
        self.before = (self.remaining, self.debt_repaid, self.expired)

    def is_past(self, now: datetime) -> bool:
        """Whether its last valid instant is over."""
        return self.expires_at is not None and self.expires_at <= now

    def is_available(self, now: datetime) -> bool:
        """Whether its points can be spent."""
        return self.available_at <= now and not self.is_past(now)


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
    point_lots.c.bill_id,
    point_lots.c.category_id,
)
_spending_order = (point_lots.c.expires_at.is_(None), point_lots.c.expires_at, point_lots.c.id)

_open_lots = Statement(
    select(*LOT_COLUMNS)
    .where(
        point_lots.c.tenant_id == TENANT,
        point_lots.c.card_id == bindparam("card_id"),
        point_lots.c.remaining > bindparam("nothing", type_=point_lots.c.remaining.type),
    )
    .order_by(*_spending_order),
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
_past_points = Statement(
    select(func.sum(point_lots.c.remaining, type_=point_lots.c.remaining.type)).where(
        point_lots.c.tenant_id == TENANT,
        point_lots.c.card_id == bindparam("card_id"),
        point_lots.c.remaining > bindparam("nothing", type_=point_lots.c.remaining.type),
        point_lots.c.expires_at <= bindparam("now", type_=point_lots.c.expires_at.type),
    )
)


def open_lots(session: Session, card_id: int) -> list[Lot]:
    """Read the lots of a card that hold points, in spending order."""
    return session.all(_open_lots, card_id=card_id, nothing=ZERO)


def bill_lots(session: Session, card_id: int, bill_id: int) -> list[Lot]:
    """Read the lots that a bill made on this card, empty ones included."""
    return session.all(_bill_lots, card_id=card_id, bill_id=bill_id)


def opened_lot(session: Session, card_id: int, seq: int) -> list[Lot]:
    """Read the one lot that a row of the ledger opened, whosever it is after merges."""
    return session.all(_opened_lot, card_id=card_id, seq=seq)


def spent_lots(session: Session, redemption_id: int) -> tuple[list[Spend], list[Lot]]:
    """Read what a redemption took, last taken first, and the lots it took it from."""
    spends = session.all(_spends, redemption_id=redemption_id)
    return spends, session.all(_spent_lots, redemption_id=redemption_id)


def past_points(session: Session, card_id: int, now: datetime) -> Decimal:
    """Sum the points whose date is over and that no posting has settled yet: a reader leaves them out."""
    row = session.one(_past_points, card_id=card_id, nothing=ZERO, now=now)
    return (row[0] if row else None) or ZERO
