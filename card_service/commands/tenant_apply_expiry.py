"""`card-service tenant apply-expiry`: the dates of the present policy for the points that customers have, of any number."""

import math

import click

from card_service.card_config.apply_expiry import ApplyExpiry, ExpiryApplied, apply_expiry
from card_service.commands.connection import opened, operator, read_settings
from card_service.commands.failure import Failure
from card_service.commands.progress import Progress
from card_service.commands.stop import stopped_by_signals
from card_service.kit.context import utc_now
from card_service.kit.pace import Pace
from card_service.kit.wire import encode
from card_service.tenants.find import tenant_name


@click.command(name="apply-expiry")
@click.option("--tenant", "tenant_id", type=click.IntRange(1, 2**63 - 1), required=True, help="The tenant's id (`tenant list`).")
@click.option(
    "--confirm-cards", type=click.IntRange(0), help="Do it, to this number of cards: the one that was told. Without it only tell."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, as POST /card-config/expiry/apply answers.")
def apply_expiry_(tenant_id: int, confirm_cards: int | None, *, as_json: bool) -> None:
    """Give customers' points the dates of the present policy.

    A changed policy shortens nothing by itself; this is how an admin says that it shall, as POST
    /card-config/expiry/apply does for tenants whose cards fit into a request. First it tells what that would do; repeat it
    with the number of cards that was told to do it. What is past its new date expires at once; dates
    that an adjustment named stay.

    Each card is a transaction of its own. Shows how far it is on stderr. Ctrl-C and SIGTERM stop it
    between two cards; what is left is told, and is the number to confirm next. Exit code: 0 done or told,
    1 stopped, or it could not be done.
    """
    stop, progress = stopped_by_signals(), Progress()
    request = ApplyExpiry(dry_run=confirm_cards is None, confirm_cards=confirm_cards)
    with opened(read_settings()) as database:
        if database.read(tenant_name, operator(tenant_id)) is None:
            raise Failure(f"There is no tenant {tenant_id}: `card-service tenant list` shows the tenants.")
        progress.begin(f"expiry, tenant {tenant_id}")
        pace = Pace(math.inf, math.inf, stop.is_set, progress.count)
        try:
            done = apply_expiry(database, operator(tenant_id), request, pace, utc_now)
        finally:
            progress.end()
    click.echo(encode(done) if as_json else _sentence(done, tenant_id))
    if stop.is_set() and done.cards_left:
        raise click.exceptions.Exit(1)


def _sentence(done: ExpiryApplied, tenant_id: int) -> str:
    """Say in one line what was done, or would be, and how to go on."""
    verb = "would get" if done.dry_run else "got"
    said = f"{done.cards:,} cards: {done.points:,} points in {done.lots:,} lots {verb} other dates"
    if done.earliest:
        said += f", the first {done.earliest}"
    said += f"; {done.points_expiring_at_once:,} {'would expire' if done.dry_run else 'expired'} at once."
    if done.cards_left:
        said += f" To do it: card-service tenant apply-expiry --tenant {tenant_id} --confirm-cards {done.cards_left}"
    return said
