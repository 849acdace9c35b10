"""What was posted on some cards between two instants, by what it was."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.db.types import Exact
from card_service.kit.money import ZERO
from card_service.models.ledger import point_transactions as entries

_moment = entries.c.created_at.type
_posted: Statement[tuple[Any, ...]] = Statement(
    select(
        entries.c.type,
        entries.c.points > bindparam("nothing", type_=entries.c.points.type),
        func.sum(entries.c.points, type_=Exact(18, 2)),
    )
    .where(
        entries.c.tenant_id == TENANT,
        entries.c.card_id.in_(bindparam("card_ids", expanding=True)),
        entries.c.created_at >= bindparam("since", type_=_moment),
        entries.c.created_at < bindparam("until", type_=_moment),
    )
    .group_by(entries.c.type, entries.c.points > bindparam("nothing", type_=entries.c.points.type))
)


class Flows(NamedTuple):
    """Points by where they went, none negative: `issued - taken_back - redeemed + given_back - expired` is the change.

    Issued are earned points, bonuses and adjustments upwards; taken back are reversals and adjustments downwards. What a
    merge moves between two cards is neither.
    """

    issued: Decimal = ZERO
    taken_back: Decimal = ZERO
    redeemed: Decimal = ZERO
    given_back: Decimal = ZERO
    expired: Decimal = ZERO

    def plus(self, other: "Flows") -> "Flows":
        """Add them up."""
        return Flows(*(mine + more for mine, more in zip(self, other, strict=True)))


_GOES_TO = {"REDEEMED": "redeemed", "REDEEM_REVERSED": "given_back", "EXPIRED": "expired"}


def read_flows(session: Session, card_ids: Sequence[int], since: datetime, until: datetime) -> Flows:
    """Sum up what was posted on these cards from one instant to just before another."""
    sums = dict.fromkeys(Flows._fields, ZERO)
    for kind, is_credit, points in session.all(_posted, card_ids=list(card_ids), since=since, until=until, nothing=ZERO):
        if kind != "TRANSFERRED":
            sums[_GOES_TO.get(kind, "issued" if is_credit else "taken_back")] += abs(points)
    return Flows(**sums)
