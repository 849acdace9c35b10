"""How far each job came on which day of a tenant: a killed run goes on from there, a finished day is not begun again."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, func, null, select

from card_service.jobs.job import Step
from card_service.jobs.rules import DayRun
from card_service.kit.context import Context
from card_service.kit.days import day_of
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.db.upsert import insert_once
from card_service.models.card_config import card_configurations as config
from card_service.models.jobs import job_runs as runs
from card_service.tenants.keys import TenantNotFound

_mine = (
    (runs.c.tenant_id == TENANT)
    & (runs.c.job == bindparam("of_job"))
    & (runs.c.day == bindparam("of_day", type_=runs.c.day.type))
)
_now = bindparam("now", type_=runs.c.started_at.type)

_create: Statement[None] = Statement(insert_once(runs))
_lock: Statement[tuple[Any, ...]] = Statement(select(runs.c.finished_at, runs.c.after_id).where(_mine).with_for_update())
_restart: Statement[None] = Statement(
    runs.update().where(_mine).values(started_at=_now, finished_at=null(), seen=0, done=0, failed=0, after_id=0)
)
_after = bindparam("after", type_=runs.c.after_id.type)
_advance: Statement[None] = Statement(
    runs.update()
    .where(_mine)
    .values(
        seen=runs.c.seen + bindparam("more_seen"),
        done=runs.c.done + bindparam("more_done"),
        failed=runs.c.failed + bindparam("more_failed"),
        # Another run of the same may be further: what it did need not be done again.
        after_id=case((runs.c.after_id < _after, _after), else_=runs.c.after_id),
    )
)
_finish: Statement[None] = Statement(runs.update().where(_mine).values(finished_at=_now))
_since = bindparam("since", type_=runs.c.day.type)
_of_job = (runs.c.tenant_id == TENANT) & (runs.c.job == bindparam("of_job"))
_before = select(func.max(runs.c.day)).where(_of_job, runs.c.day < _since).scalar_subquery()
_known: Statement[tuple[Any, ...]] = Statement(
    select(runs.c.day, runs.c.started_at, runs.c.finished_at)
    .where(_of_job, runs.c.day >= func.coalesce(_before, _since))
    .order_by(runs.c.day)
)
_timezone = Statement(select(config.c.timezone).where(config.c.tenant_id == TENANT), str)


class LastRun(NamedTuple):
    """The newest day that a job was begun for."""

    job: str
    day: date
    started_at: datetime
    finished_at: datetime | None
    seen: int
    done: int
    failed: int


_newest = (
    select(runs.c.job, func.max(runs.c.day).label("day"))
    .where(runs.c.tenant_id == TENANT)
    .group_by(runs.c.job)
    .subquery("newest")
)
_last = Statement(
    select(runs.c.job, runs.c.day, runs.c.started_at, runs.c.finished_at, runs.c.seen, runs.c.done, runs.c.failed)
    .select_from(runs.join(_newest, (runs.c.job == _newest.c.job) & (runs.c.day == _newest.c.day)))
    .where(runs.c.tenant_id == TENANT),
    LastRun,
)


def begin(session: Session, context: Context, job: str, day: date, *, again: bool) -> int | None:
    """Say after which card to go on, 0 for the beginning; None for a finished day that is not to be done `again`."""
    counts = {"seen": 0, "done": 0, "failed": 0, "after_id": 0}
    session.write(_create, job=job, day=day, started_at=context.now, finished_at=None, **counts)
    row = session.one(_lock, of_job=job, of_day=day)
    if row is None:
        return 0
    finished_at, after = row
    if finished_at is None:
        return int(after)
    if not again:
        return None
    session.write(_restart, of_job=job, of_day=day, now=context.now)
    return 0


def advance(session: Session, context: Context, job: str, day: date, step: Step) -> None:  # noqa: ARG001 - a use case
    """Keep what a chunk came to."""
    counts = {"more_seen": step.seen, "more_done": step.done, "more_failed": step.failed}
    session.write(_advance, of_job=job, of_day=day, after=step.after, **counts)


def finish(session: Session, context: Context, job: str, day: date) -> None:
    """Keep that the day is done."""
    session.write(_finish, of_job=job, of_day=day, now=context.now)


def known_days(session: Session, context: Context, job: str, since: date, timezone: str) -> list[DayRun]:  # noqa: ARG001
    """Read the days since one that a job was begun for, and the newest before it."""
    rows = session.all(_known, of_job=job, since=since)
    return [DayRun(day, day_of(started_at, timezone), finished_at is not None) for day, started_at, finished_at in rows]


def last_runs(session: Session, context: Context) -> dict[str, LastRun]:  # noqa: ARG001 - a use case
    """Read the newest day of each job."""
    return {run.job: run for run in session.all(_last)}


def timezone_of(session: Session, context: Context) -> str:  # noqa: ARG001 - a use case
    """Tell where the tenant's days begin; raises TenantNotFound."""
    found = session.one(_timezone)
    if found is None:
        raise TenantNotFound
    return found
