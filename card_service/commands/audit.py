"""`card-service audit`: proves that the books of every tenant add up."""

from collections.abc import Iterator
from contextlib import nullcontext

import click
import msgspec

from card_service.commands.connection import opened, operator, read_settings
from card_service.commands.failure import Failure
from card_service.commands.tenants import all_tenants
from card_service.kit.db.database import Database
from card_service.ledger.audit import CardAudit, audit_card
from card_service.ledger.audit_tenant import Batch, audit_batch, count_cards


@click.command()
@click.option("--tenant", "tenant_id", type=click.IntRange(1, 2**63 - 1), help="Only this tenant (`tenant list` shows the ids).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: cards, tenants, balanced, unsettledPoints, differences.")
def audit(tenant_id: int | None, *, as_json: bool) -> None:
    """Prove every card's balance from its ledger, its lots and its bills.

    May run while the service does: a difference is looked at again under the card's lock before it is reported.
    Stops at the first card that does not add up and names it.

    Exit code: 0 everything adds up, 1 a card does not (or the audit could not run).
    """
    with opened(read_settings()) as database:
        ids = [one.id for one in all_tenants(database) if tenant_id in {None, one.id}]
        if tenant_id is not None and not ids:
            raise Failure(f"There is no tenant {tenant_id}: `card-service tenant list` shows the tenants.")
        total = sum(database.read(count_cards, operator(one)) for one in ids)
        cards, unsettled, wrong, wrong_tenant = 0, msgspec.UNSET, None, 0
        points = 0
        bar = click.progressbar(length=total, label="Auditing", file=click.get_text_stream("stderr"), hidden=as_json)
        with bar if not as_json else nullcontext() as progress:
            for one in ids:
                for batch in _batches(database, one):
                    pass
