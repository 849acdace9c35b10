"""`card-service worker`: every job after each midnight of each tenant, and what was missed as soon as it starts."""

from datetime import UTC
from threading import Lock
from typing import Any

import click
import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from card_service.commands.connection import opened, operator, read_settings
from card_service.commands.jobs import log_failure, tenants_of
from card_service.commands.stop import stopped_by_signals
from card_service.jobs.catalogue import JOBS
from card_service.jobs.night import run_night
from card_service.jobs.run import Report, Runner
from card_service.jobs.runs import timezone_of
from card_service.kit.context import utc_now
from card_service.kit.days import zone
from card_service.kit.errors import ServiceError

log = structlog.get_logger()
# One after the other: a second job at the same time would only compete with the tills.
SCHEDULER: dict[str, Any] = {
    "timezone": UTC,
    "executors": {"default": ThreadPoolExecutor(1)},
    "job_defaults": {"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
}


@click.command()
@click.option(
    "--every",
    type=click.IntRange(1, 3600),
    default=120,
    show_default=True,
    help="Seconds between two looks at what was missed, new tenants, and holds that have lapsed.",
)
def worker(every: int) -> None:
    """Run the jobs of every tenant after midnight in its zone.

    What was missed while no worker ran is made up for at the start. Until SIGTERM or Ctrl-C, which stop it between two
    cards. Several workers at once do no harm, and no good but for staying up. Log lines are JSON on stderr.
    """
    stop = stopped_by_signals()
    with opened(read_settings()) as database:
        nights = Nights(Runner(database, utc_now, stop, on_failure=log_failure))
        nights.start(every)
        click.echo("Ready: the jobs run after each tenant's midnight. Ctrl-C stops.")
        stop.wait()
        nights.end()


class Nights:
    """The schedule of a worker: a look at everything now and then, and each tenant's midnight."""

    def __init__(self, runner: Runner) -> None:
        """Schedule nothing yet."""
        self._runner = runner
        self._scheduler = BackgroundScheduler(**SCHEDULER)
        self._zones: dict[int, str] = {}
        self._busy = Lock()

    def start(self, every: int) -> None:
        """Look at once, and then every so many seconds."""
        self._scheduler.add_job(self.look, IntervalTrigger(seconds=every), id="look", next_run_time=utc_now())
        self._scheduler.start()

    def end(self) -> None:
        """Wait for what runs to come to the end of its card; the event that stops it must be set.

        The scheduler must not wait for it: it would keep its jobs locked, and what runs may be about to add one.
        """
        self._scheduler.shutdown(wait=False)
        with self._busy:
            pass

    def look(self) -> None:
        """Give every tenant its midnight, do what was missed, and give back what was held for too long."""
        with self._busy:
            self._look()

    def night(self, tenant_id: int) -> None:
        """Do what is due at a tenant's midnight, or was missed since."""
        with self._busy:
            self._each(tenant_id, self._night)

    def _look(self) -> None:
        if self._runner.stop.is_set():
            return
        try:
            tenants = list(tenants_of(self._runner.database, None))
        except ServiceError as error:
            log.warning("jobs_wait", reason=error.code)
            return
        for tenant_id in tenants:
            if self._runner.stop.is_set():
                return
            self._each(tenant_id, self._night)
            self._each(tenant_id, self._holds)

    def _night(self, tenant_id: int) -> None:
        if self._runner.stop.is_set():
            return
        self._know(tenant_id)
        for report in run_night(self._runner, tenant_id):
            told(report)

    def _holds(self, tenant_id: int) -> None:
        report = self._runner.run(JOBS["holds"], tenant_id, kept=False)
        if report.seen:
            told(report)

    def _know(self, tenant_id: int) -> None:
        """Schedule the midnight of a tenant that is new, or has moved to another zone."""
        name = self._runner.database.read(timezone_of, operator(tenant_id))
        if self._zones.get(tenant_id) != name:
            midnight = CronTrigger(hour=0, minute=0, second=1, timezone=zone(name))
            self._scheduler.add_job(self.night, midnight, [tenant_id], id=f"night-{tenant_id}", replace_existing=True)
            self._zones[tenant_id] = name

    def _each(self, tenant_id: int, do: Any) -> None:
        """Let one tenant's trouble be no other's; the next look tries again."""
        try:
            do(tenant_id)
        except ServiceError as error:
            log.warning("jobs_wait", tenant=tenant_id, reason=error.code)
        except Exception:
            log.exception("job_failed", tenant=tenant_id)


def told(report: Report) -> None:
    """Log what a run came to."""
    say = log.warning if report.failed else log.info
    counts = {"seen": report.seen, "done": report.done, "failed": report.failed, "seconds": report.seconds}
    tally = {name: str(amount) for name, amount in report.tally.items()}
    say("job", job=report.job, tenant=report.tenant_id, day=str(report.day), finished=report.finished, **counts, **tally)
