"""`card-service jobs`: what the worker does at night, run by hand, and how far each came."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click
import structlog

from card_service.commands.connection import opened, operator, read_settings
from card_service.commands.failure import Failure, explain
from card_service.commands.progress import Progress
from card_service.commands.stop import stopped_by_signals
from card_service.commands.tenants import all_tenants
from card_service.jobs.catalogue import JOBS
from card_service.jobs.job import Job
from card_service.jobs.run import Report, Runner
from card_service.jobs.runs import last_runs
from card_service.kit.context import utc_now
from card_service.kit.db.database import Database
from card_service.kit.errors import ServiceError
from card_service.kit.wire import camel, encode

log = structlog.get_logger()

_tenant_option = click.option(
    "--tenant", "tenant_id", type=click.IntRange(1, 2**63 - 1), help="Only this tenant (`tenant list` shows the ids)."
)


@click.group()
def jobs() -> None:
    """Run a job by hand, or see what was run.

    `card-service worker` runs them all after each midnight of each tenant; by hand they are for making up, or for a
    scheduler of your own. A job may be killed, started again, or run twice at once: it does each thing once.
    """


@jobs.command()
@click.argument("name", type=click.Choice(tuple(JOBS)))
@_tenant_option
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The tenant's day that it is done for: today or earlier. [default: today; for snapshot the day that has ended]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a tenant, each on a line of its own.")
def run(name: str, tenant_id: int | None, day: datetime | None, *, as_json: bool) -> None:
    """Run a job now, to its end.

    NAME is one of `jobs list`. Goes on where a run for the same day was killed; does a finished day once more, which
    changes nothing that was done. Shows how far it is on stderr. Ctrl-C and SIGTERM stop it between two cards.

    A tenant for which it cannot run is told of and passed over. Exit code: 0 all done, 1 stopped, or some cards failed (each
    is a log line), or it could not run.
    """
    stop = stopped_by_signals()
    with opened(read_settings()) as database:
        progress = Progress()
        runner = Runner(database, utc_now, stop, lambda _, step: progress.count(step.seen, step.done, step.after), log_failure)
        all_done = True
        for one in tenants_of(database, tenant_id):
            if stop.is_set():
                break
            progress.begin(f"{name}, tenant {one}")
            try:
                report = runner.run(JOBS[name], one, day.date() if day else None)
            except ServiceError as error:
                all_done = False
                click.echo(f"Error: {name}, tenant {one}: {explain(error)}", err=True)
                continue
            finally:
                progress.end()
            all_done = all_done and report.finished and not report.failed
            click.echo(encode(report) if as_json else sentence(report))
    if stop.is_set() or not all_done:
        sys.exit(1)


@jobs.command(name="list")
@_tenant_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: items (name, says, and with --tenant lastRun).")
def list_(tenant_id: int | None, *, as_json: bool) -> None:
    """List the jobs in the order of a night.

    With --tenant also the newest day that each was run for.
    """
    last: dict[str, Any] = {}
    if tenant_id is not None:
        with opened(read_settings()) as database:
            (one,) = tenants_of(database, tenant_id)
            last = {job: found._asdict() for job, found in database.read(last_runs, operator(one)).items()}
    if as_json:
        shown = [
            {"name": job.name, "says": job.says} | ({"lastRun": _camel(last.get(job.name))} if tenant_id else {})
            for job in JOBS.values()
        ]
        click.echo(encode({"items": shown}))
        return
    for job in JOBS.values():
        click.echo(f"{job.name:11} {job.says}")
        if found := last.get(job.name):
            state = f"finished {found['finished_at']:%Y-%m-%d %H:%M:%SZ}" if found["finished_at"] else "not finished"
            click.echo(
                f"{'':11}   {found['day']}: {state}; {found['seen']:,} seen, {found['done']:,} done, {found['failed']:,} failed"
            )


def tenants_of(database: Database, tenant_id: int | None) -> Iterator[int]:
    """Give the ids of all tenants, or the one named; raises Failure if there is none."""
    found = [one.id for one in all_tenants(database) if tenant_id in {None, one.id}]
    if tenant_id is not None and not found:
        raise Failure(f"There is no tenant {tenant_id}: `card-service tenant list` shows the tenants.")
    return iter(found)


def log_failure(job: Job, card_id: int, error: Exception) -> None:
    """Say which card a job had to leave, and by which kind of error; its values are no log's business."""
    log.error("job_card_failed", job=job.name, card_id=card_id, exc_info=error)


def sentence(report: Report) -> str:
    """Say in one line what a run came to."""
    rate = f", {report.seen / report.seconds:,.0f} a second" if report.seconds >= 1 else ""
    state = "" if report.finished else " STOPPED, to be gone on with;"
    failed = f", {report.failed:,} FAILED" if report.failed else ""
    said = "".join(f"; {name} {amount:,}" for name, amount in sorted(report.tally.items()))
    counts = f"{report.seen:,} cards seen, {report.done:,} done{failed}{said} ({report.seconds:,.1f} s{rate})"
    return f"{report.job} {report.day}, tenant {report.tenant_id}:{state} {counts}"


def _camel(found: dict[str, Any] | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {camel(name): value for name, value in found.items() if name != "job"}
