"""A tenant's night: every job in its order, each for the days that it was not done for yet."""

from collections.abc import Iterator
from datetime import timedelta

from card_service.jobs.catalogue import JOBS
from card_service.jobs.job import Job
from card_service.jobs.rules import days_to_do
from card_service.jobs.run import Report, Runner
from card_service.jobs.runs import known_days
from card_service.kit.context import Context


def run_night(runner: Runner, tenant_id: int) -> Iterator[Report]:
    """Do what is not done, and report each run that did something; nothing if all of the day is done.

    Safe at any hour and as often as one likes: what was missed while nobody ran is made up for, and a run that was killed
    goes on. Raises TenantNotFound, Unavailable; what is left is then done by the next call.
    """
    for job in JOBS.values():
        yield from run_missed(runner, job, tenant_id)


def run_missed(runner: Runner, job: Job, tenant_id: int) -> Iterator[Report]:
    """Do one job for the days that it was not done for."""
    timezone, today = runner.today(tenant_id)
    target = job.day_at(today)
    since = target - timedelta(days=job.makes_up)
    known = runner.database.read(known_days, Context(tenant_id, "jobs", runner.clock()), job.name, since, timezone)
    for day in days_to_do(known, target, job.makes_up):
        if runner.stop.is_set():
            return
        report = runner.run(job, tenant_id, day, again=False)
        if not report.skipped:
            yield report
