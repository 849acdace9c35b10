"""Running a job for one tenant and day: from where a killed run ended, chunk by chunk, until all is done or it is stopped."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from threading import Event
from typing import Any

from card_service.jobs.job import Job, Step, Tally, Work, add
from card_service.jobs.runs import advance, begin, finish, timezone_of
from card_service.kit.context import Context
from card_service.kit.days import day_of
from card_service.kit.db.database import Database
from card_service.kit.errors import Refused
from card_service.kit.wire import Answer


class DayNotYet(Refused):
    """The day asked for has not begun where the tenant is."""

    title = "A job is done for a day that has begun, in the tenant's time zone"


class Report(Answer, frozen=True):
    """What a run came to: cards looked at, changed and failed; `tally` says what was done.

    `finished` is false when it was stopped; `skipped` is true when the day had been done before.
    """

    tenant_id: int
    job: str
    day: date
    finished: bool
    skipped: bool
    seen: int
    done: int
    failed: int
    seconds: float
    tally: dict[str, Decimal | int]


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs jobs on a database by a clock; `on_step` hears of every chunk, `on_failure` of every card that failed."""

    database: Database
    clock: Callable[[], datetime]
    stop: Event = field(default_factory=Event)
    on_step: Callable[[Job, Step], None] = lambda _job, _step: None
    on_failure: Callable[[Job, int, Exception], None] = lambda _job, _card, _error: None

    def today(self, tenant_id: int) -> tuple[str, date]:
        """Tell a tenant's zone, and which day it is there; raises TenantNotFound."""
        now = self.clock()
        timezone = self.database.read(timezone_of, Context(tenant_id, "jobs", now))
        return timezone, day_of(now, timezone)

    def run(self, job: Job, tenant_id: int, day: date | None = None, *, again: bool = True, kept: bool = True) -> Report:
        """Do a job for a day, the one of a night if none is named; raises DayNotYet, TenantNotFound, Unavailable.

        A day that is finished is done once more only `again`. What is not `kept` leaves no trace of itself in `job_runs`. A
        job that closes a day does it also for one that is not over, which then does not count as done.
        """
        timezone, today = self.today(tenant_id)
        day = day or job.day_at(today)
        if day > today:
            raise DayNotYet(f"It is {today} where tenant {tenant_id} is: {day} has not begun there")
        began, counted, tally = time.monotonic(), [0, 0, 0], Tally()

        def report(**how: Any) -> Report:
            seen, done, failed = counted
            seconds = round(time.monotonic() - began, 3)
            return Report(
                tenant_id=tenant_id,
                job=job.name,
                day=day,
                seen=seen,
                done=done,
                failed=failed,
                seconds=seconds,
                tally=tally,
                **how,
            )

        work = Work(
            self.database, self.clock, tenant_id, job.name, timezone, day, today, self.stop,
            lambda card_id, error: self.on_failure(job, card_id, error),
        )  # fmt: skip
        after = work.write(begin, job.name, day, again=again) if kept else 0
        if after is None:
            return report(finished=True, skipped=True)
        for step in job.steps(work, after if job.resumes else 0):
            counted = [have + more for have, more in zip(counted, step[1:4], strict=True)]
            add(tally, step.tally)
            if kept:
                work.write(advance, job.name, day, step)
            self.on_step(job, step)
            if self.stop.is_set():
                break
        # Also between two chunks: steps that find the stop before their next chunk end as if there were none.
        if self.stop.is_set():
            return report(finished=False, skipped=False)
        if kept and job.is_over(day, today):
            work.write(finish, job.name, day)
        return report(finished=True, skipped=False)
