"""Adding up the bills of cards for their windows, where the running figures cannot say it any more."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, literal, select, type_coerce

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.figures import Figures, Running, falls_out, window_start
from card_service.ledger.person import cards_of_person
from card_service.models.bills import bills

_MONEY = bills.c.bill_amount.type
_AT = bills.c.occurred_at.type
_NOTHING = literal(ZERO, _MONEY)


@cache
def _sums(windows: int, *, many: bool) -> Statement[tuple[Any, ...]]:
    """Build the SELECT for so many windows, of one card or of many; each card with all that were merged into it."""
    columns: list[ColumnElement[Any]] = []
    for i in range(windows):
        inside = bills.c.occurred_at >= bindparam(f"start_{i}", type_=_AT)
        counts = and_(inside, bills.c.state != "CANCELLED")
        spend = func.sum(case((inside, bills.c.bill_amount - bills.c.amount_returned), else_=_NOTHING))
        points = func.sum(case((inside, bills.c.points_earned - bills.c.points_reversed), else_=_NOTHING))
        columns += [
            type_coerce(spend, _MONEY),
            type_coerce(points, _MONEY),
            func.sum(case((counts, 1), else_=0)),
            func.min(case((inside, bills.c.occurred_at))),
        ]
    own = cards_of_person(many=many)
    counted = and_(
        bills.c.tenant_id == TENANT,
        bills.c.card_id == own.c.card_id,
        bills.c.earned_at.is_not(None),
        bills.c.occurred_at >= bindparam("first", type_=_AT),
    )
    # An outer join, so that no planner begins with the bills of the window, whoever's they are.
    return Statement(select(own.c.owner_id, *columns).select_from(own.outerjoin(bills, counted)).group_by(own.c.owner_id))


for _windows in (1, 2, 3):
    for _many in (False, True):
        _sums(_windows, many=_many)


def sum_up(session: Session, now: datetime, card_id: int, periods: Sequence[int], zone: str) -> Running:
    """Add up the bills of one card, and of all that were merged into it, for windows of so many days each."""
    if not periods:
        return Running(zone, {})
    rows = session.all(_sums(len(periods), many=False), card_id=card_id, **_starts(now, periods, zone))
    return _running(rows[0][1:] if rows else None, periods, zone)


def sum_up_many(
    session: Session, now: datetime, card_ids: Iterable[int], periods: Sequence[int], zone: str
) -> dict[int, Running]:
    """Add up the bills of each of these cards."""
    wanted = list(card_ids)
    if not wanted or not periods:
        return {card_id: Running(zone, {}) for card_id in wanted}
    rows = session.all(_sums(len(periods), many=True), card_ids=wanted, **_starts(now, periods, zone))
    found = {row[0]: row[1:] for row in rows}
    return {card_id: _running(found.get(card_id), periods, zone) for card_id in wanted}


def _starts(now: datetime, periods: Sequence[int], zone: str) -> dict[str, datetime]:
    starts = {f"start_{i}": window_start(now, zone, days) for i, days in enumerate(periods)}
    return starts | {"first": min(starts.values())}


def _running(values: Sequence[Any] | None, periods: Sequence[int], zone: str) -> Running:
    windows = {}
    for i, days in enumerate(periods):
        spend, points, orders, earliest = values[4 * i : 4 * i + 4] if values else (None, None, 0, None)
        windows[days] = Figures(
            Decimal(spend or ZERO),
            Decimal(points or ZERO),
            int(orders),
            None if earliest is None else falls_out(earliest, zone, days),
        )
    return Running(zone, windows)
