"""The job snapshot: what a tenant's points come to at the end of a day, and what moved them that day.

The day's postings are read from the ledger and are exact whenever the job is run. The standing is what it is when the job
reads it: a snapshot that is taken late says so by its `taken_at`, and one that was taken after its day is not replaced.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select

from card_service.jobs.job import Step, Work, add
from card_service.jobs.settle import all_due
from card_service.kit.context import Context
from card_service.kit.days import end_of, start_of
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.db.types import Exact
from card_service.kit.db.upsert import insert_or
from card_service.kit.money import ZERO, round_down
from card_service.ledger.flows import Flows, read_flows
from card_service.models.bills import redemptions
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import loyalty_cards as card
from card_service.models.jobs import daily_snapshots as snapshots

READ_AT_ONCE = 1000
ACTIVE_AT_ONCE = 200
_STANDING = (
    "taken_at", "cards", "points_available", "points_pending", "points_on_hold", "points_debt", "liability",
    "points_to_amount_rate",
)  # fmt: skip


class Standing(NamedTuple):
    """A card's points as they are stored; `balance` is what is available less the debt."""

    card_id: int
    status: str
    balance: Decimal
    pending: Decimal
    debt: Decimal
    last_transaction_at: datetime | None


_page = Statement(
    select(card.c.id, card.c.status, card.c.points_balance, card.c.points_pending, card.c.points_debt, card.c.last_transaction_at)
    .where(card.c.tenant_id == TENANT, card.c.id > bindparam("after"))
    .order_by(card.c.id)
    .limit(READ_AT_ONCE),
    Standing,
)
_held: Statement[tuple[Any, ...]] = Statement(
    select(func.coalesce(func.sum(redemptions.c.points), 0, type_=Exact(18, 2))).where(
        redemptions.c.tenant_id == TENANT, redemptions.c.status == "HELD"
    )
)
_rate: Statement[tuple[Any, ...]] = Statement(select(config.c.points_to_amount_rate).where(config.c.tenant_id == TENANT))
_taken_at: Statement[tuple[Any, ...]] = Statement(
    select(snapshots.c.taken_at).where(
        snapshots.c.tenant_id == TENANT, snapshots.c.day == bindparam("of_day", type_=snapshots.c.day.type)
    )
)
_write: Statement[None] = Statement(insert_or(snapshots, put=(*_STANDING, *Flows._fields)))
_write_flows: Statement[None] = Statement(insert_or(snapshots, put=Flows._fields))


def read_page(session: Session, context: Context, after: int) -> list[Standing]:  # noqa: ARG001 - a use case
    """Read up to a thousand cards."""
    return session.all(_page, after=after)


def flows_of(session: Session, context: Context, card_ids: list[int], since: datetime, until: datetime) -> Flows:  # noqa: ARG001
    """Sum up what was posted on some cards."""
    return read_flows(session, card_ids, since, until)


def keep(session: Session, context: Context, day: date, over_at: datetime, standing: dict[str, Any], flows: Flows) -> None:
    """Write the day, or only its postings if its standing was read after its end already."""
    found = session.one(_taken_at, of_day=day)
    is_final = found is not None and found[0] >= over_at
    (held,), (rate,) = session.one(_held) or (ZERO,), session.one(_rate) or (ZERO,)
    owed = standing["points_available"] + standing["points_pending"] + held
    row = {**standing, "points_on_hold": held, "points_to_amount_rate": rate, "liability": round_down(owed * rate)}
    session.write(_write_flows if is_final else _write, day=day, taken_at=context.now, **row, **flows._asdict())


def snapshot(work: Work, after: int) -> Iterator[Step]:
    """Settle what is due, read all cards a thousand at a time, and write one row at the end."""
    for step in all_due(work, after):
        yield step._replace(after=0, seen=0)
    since, until = start_of(work.day, work.timezone), end_of(work.day, work.timezone)
    standing: dict[str, Any] = {"cards": 0, "points_available": ZERO, "points_pending": ZERO, "points_debt": ZERO}
    flows = Flows()
    while page := work.read(read_page, after):
        for one in page:
            sums = {"points_available": one.balance + one.debt, "points_pending": one.pending, "points_debt": one.debt}
            add(standing, {"cards": int(one.status != "CLOSED"), **sums})
        # No posting of that day can be on a card whose last one was earlier.
        active = [one.card_id for one in page if one.last_transaction_at is not None and one.last_transaction_at >= since]
        for first in range(0, len(active), ACTIVE_AT_ONCE):
            flows = flows.plus(work.read(flows_of, active[first : first + ACTIVE_AT_ONCE], since, until))
        after = page[-1].card_id
        yield Step(0, len(page), 0, 0, {})
    work.write(keep, work.day, until, standing, flows)
    yield Step(0, 0, 1, 0, {"days": 1})
