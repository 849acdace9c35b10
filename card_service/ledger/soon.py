"""Which points will expire soon, by card and date: what the warnings are about."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import and_, bindparam, func, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.db.types import Exact
from card_service.kit.money import ZERO
from card_service.ledger.ends_at import LOT_ENDS_AT
from card_service.models.cards import loyalty_cards as card
from card_service.models.ledger import point_lots as lots


class Expiring(NamedTuple):
    """Points of a card, pending ones included, that expire at an instant unless they are spent or kept alive before."""

    card_id: int
    expires_at: datetime
    points: Decimal


_moment = lots.c.expires_at.type
_soon = Statement(
    select(card.c.id, func.min(LOT_ENDS_AT, type_=_moment), func.sum(lots.c.remaining, type_=Exact(18, 2)))
    .select_from(card.join(lots, and_(lots.c.tenant_id == TENANT, lots.c.card_id == card.c.id)))
    .where(
        card.c.tenant_id == TENANT,
        card.c.id >= bindparam("first"),
        card.c.id <= bindparam("last"),
        # Nothing of a card expires before this; of most cards no lot need be read.
        card.c.next_due_at <= bindparam("until", type_=_moment),
        lots.c.remaining > bindparam("nothing", type_=lots.c.remaining.type),
        bindparam("now", type_=_moment) < LOT_ENDS_AT,
        bindparam("until", type_=_moment) >= LOT_ENDS_AT,
    )
    .group_by(card.c.id, LOT_ENDS_AT)
    .order_by(card.c.id, LOT_ENDS_AT),
    Expiring,
)


def expiring_soon(session: Session, now: datetime, until: datetime, first: int, last: int) -> list[Expiring]:
    """List what expires after `now`, at `until` at the latest, of the cards whose ids lie in a range, both ends included."""
    return session.all(_soon, now=now, until=until, first=first, last=last, nothing=ZERO)
