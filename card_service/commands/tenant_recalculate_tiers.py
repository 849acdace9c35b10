"""`card-service tenant recalculate-tiers`: where the figures of a tenant's cards put them, of any number."""

import math

import click

from card_service.commands.connection import opened, operator, read_settings
from card_service.commands.failure import Failure
from card_service.commands.progress import Progress
from card_service.commands.stop import stopped_by_signals
from card_service.kit.context import utc_now
from card_service.kit.pace import Pace
from card_service.kit.wire import encode
from card_service.tenants.find import tenant_name
from card_service.tiers.recalculate import Recalculate, Recalculated, recalculate


@click.command(name="recalculate-tiers")
@click.option("--tenant", "tenant_id", type=click.IntRange(1, 2**63 - 1), required=True, help="The tenant's id (`tenant list`).")
@click.option("--dry-run", is_flag=True, help="Only tell what it would do.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, as POST /tiers/recalculate answers.")
def recalculate_tiers(tenant_id: int, *, dry_run: bool, as_json: bool) -> None:
    """Review the tier of every card of a tenant now.

    As the job `tiers` does every night, and POST /tiers/recalculate for tenants whose cards fit into a request: up to
    where the figures of a card are, down after its days of grace. First all cards are looked at, then those that
    change are reviewed.

    Each card is a transaction of its own. Shows how far it is on stderr. Ctrl-C and SIGTERM stop it between two cards;
    run it again to go on. Exit code: 0 done or told, 1 stopped, or it could not be done.
    """
    stop, progress = stopped_by_signals(), Progress()
    with opened(read_settings()) as database:
        if database.read(tenant_name, operator(tenant_id)) is None:
            raise Failure(f"There is no tenant {tenant_id}: `card-service tenant list` shows the tenants.")
        progress.begin(f"tiers, tenant {tenant_id}")
        pace = Pace(math.inf, math.inf, stop.is_set, progress.count)
        try:
            done = recalculate(database, operator(tenant_id), Recalculate(None, dry_run), pace, utc_now)
        finally:
            progress.end()
    click.echo(encode(done) if as_json else _sentence(done, stopped=stop.is_set()))
    if stop.is_set():
        raise click.exceptions.Exit(1)


def _sentence(done: Recalculated, *, stopped: bool) -> str:
    """Say in one line what was done, or would be."""
    would = "would go " if done.dry_run else ""
    counts = f"{would}up {done.upgraded:,}, {would}down {done.downgraded:,}, in grace {done.in_grace:,}"
    left = f"; {done.cards_left:,} to be changed" if done.cards_left else ""
    return f"{'STOPPED, to be gone on with; ' if stopped else ''}{done.reviewed:,} cards reviewed: {counts}{left}."
