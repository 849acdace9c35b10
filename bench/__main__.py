"""The command line of the measurement: `python -m bench`, `python -m bench growth`, `python -m bench servers`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from bench.database import durable_database, durable_server, require_server, scratch_folder
from bench.expire import measure_night, told
from bench.goals import Verdict, judge, judge_growth
from bench.growth import LONG, SHORT, measure_growth
from bench.machine import facts
from bench.picture import write_picture
from bench.report import HEADER, Figure, write_json
from bench.servers import compare
from bench.suite import ALL_PARTS, FULL, QUICK, Suite
from tests.servers.commands import card_service
from tests.servers.databases import mariadb_database

RESULTS = Path(__file__).parent / "results"


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--only", multiple=True, type=click.Choice(ALL_PARTS), help="Run this part only; may be given again.")
@click.option("--quick", is_flag=True, help="A few seconds a part: to see that it works, not to compare.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=RESULTS, help="Folder for the results.")
@click.pass_context
def main(context: click.Context, *, only: Sequence[str], quick: bool, out: Path) -> None:
    """Measure the service on a private, durable MariaDB (about five minutes; --quick two).

    Prints a table, and writes latest.json and latest.svg. Columns: answers per second, latency in milliseconds, errors,
    statements per request, CPU milliseconds per request of the service's and the database's processes.
    """
    if context.invoked_subcommand:
        return
    with durable_database() as database, scratch_folder() as folder:
        about = facts(require_server(database))
        figures = Suite(database, folder, QUICK if quick else FULL).run(only or ALL_PARTS)
        audit = card_service(database, "audit")
    verdicts = judge(figures)
    finish(figures, verdicts, about, out, "latest")
    if audit.returncode:
        raise click.ClickException(f"the books do not balance after the run:\n{audit.stdout[-2000:]}{audit.stderr[-2000:]}")
    click.echo("After the run the books of the pharmacy balance.")


def finish(figures: Sequence[Figure], verdicts: Sequence[Verdict], about: dict[str, Any], out: Path, name: str) -> None:
    """Say which goals were reached, and write the JSON file and the picture."""
    click.echo()
    for verdict in verdicts:
        click.echo(f"{'reached' if verdict.reached else 'MISSED ':<8} {verdict.goal}: {verdict.seen}")
    write_json(out / f"{name}.json", figures, {**about, "goals": [asdict(verdict) for verdict in verdicts]})
    write_picture(out / f"{name}.svg", figures, f"card-service, {about['at']}, commit {about['commit']}")
    click.echo(f"\nWritten: {out / name}.json and .svg")


@main.command()
@click.option("--long", "is_long", is_flag=True, help="Also ten million rows: about ten minutes and 12 GB of disk.")
@click.option("--seconds", default=4.0, show_default=True, help="How long each call is measured at each size, three times.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=RESULTS, help="Folder for the results.")
def growth(*, is_long: bool, seconds: float, out: Path) -> None:
    """Measure earn, balance and history at ten thousand, a million and (--long) ten million ledger rows."""
    with durable_server(buffer_pool_megabytes=2048) as server, scratch_folder() as folder:
        about = facts(server)
        click.echo(HEADER)
        figures = measure_growth(server, folder, (*SHORT, LONG) if is_long else SHORT, seconds)
    finish(figures, judge_growth(figures), about, out, "growth")


@main.command()
@click.option("--seconds", default=4.0, show_default=True, help="How long each load lasts.")
def servers(*, seconds: float) -> None:
    """Compare WSGI servers by a small application: cost, many idle connections, how they stop."""
    compare(seconds)


@main.command()
@click.option("--lots", default=100_000, show_default=True, help="Lots that are past their date, ten a card.")
@click.option("--a-minute", default=3000, show_default=True, help="Earns a minute of the tills beside it.")
@click.option("--seconds", default=15.0, show_default=True, help="How long the tills are measured, alone and beside the job.")
def expire(lots: int, a_minute: int, seconds: float) -> None:
    """Measure the job expire on many lots, while tills earn at a fixed rate beside it."""
    with durable_server() as server, scratch_folder() as folder:
        database = mariadb_database(server)
        night = measure_night(database, folder, lots, a_minute, seconds)
        audit = card_service(database, "audit")
    for sentence in told(night, lots):
        click.echo(sentence)
    if audit.returncode:
        raise click.ClickException(f"the books do not balance after the run:\n{audit.stdout[-2000:]}{audit.stderr[-2000:]}")
    click.echo("After the run the books balance.")


if __name__ == "__main__":
    main()
