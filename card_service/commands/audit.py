"""`card-service audit`: proves that the books of every tenant add up."""

import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import click

from card_service.commands.connection import opened, operator, read_settings
from card_service.commands.failure import Failure
from card_service.commands.tenants import all_tenants
from card_service.kit.db.database import Database
from card_service.kit.money import ZERO
from card_service.kit.wire import encode
from card_service.ledger.audit import CardAudit, audit_card
from card_service.ledger.audit_tenant import audit_batch, count_cards


@click.command()
@click.option("--tenant", "tenant_id", type=click.IntRange(1, 2**63 - 1), help="Only this tenant (`tenant list` shows the ids).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: balanced, cards, tenants, unsettledPoints, wrong.")
def audit(tenant_id: int | None, *, as_json: bool) -> None:
    """Prove that every balance adds up.

    Each card is worked out again from its ledger, its lots and its bills. May run while the service does: a
    difference is looked at again under the card's lock before it counts. Stops at the first card that does not
    add up and names it.

    Exit code: 0 everything adds up, 1 a card does not, or the audit could not run.
    """
    with opened(read_settings()) as database:
        tenants = [one.id for one in all_tenants(database) if tenant_id in {None, one.id}]
        if tenant_id is not None and not tenants:
            raise Failure(f"There is no tenant {tenant_id}: `card-service tenant list` shows the tenants.")
        total = sum(database.read(count_cards, operator(one)) for one in tenants)
        with click.progressbar(length=total, label="Auditing", file=sys.stderr) as bar:
            cards, unsettled, wrong = _audit(database, tenants, bar.update)
    counted = {"cards": cards, "tenants": len(tenants), "unsettledPoints": unsettled}
    if as_json:
        click.echo(encode({"balanced": wrong is None, **counted, "wrong": _named(wrong)}))
    elif wrong is not None:
        _explain(*wrong)
    else:
        click.echo(_summary(cards, len(tenants), unsettled))
    sys.exit(0 if wrong is None else 1)


Wrong = tuple[int, CardAudit]


def _audit(database: Database, tenants: list[int], advance: Callable[[int], None]) -> tuple[int, Decimal, Wrong | None]:
    """Give the cards proved, their points that nobody has settled, and the first card that does not add up."""
    cards, unsettled = 0, ZERO
    for tenant_id in tenants:
        after = 0
        while batch := database.read(audit_batch, operator(tenant_id), after):
            for proof in batch:
                again = None if proof.balanced else database.transact(audit_card, operator(tenant_id), proof.card_id)
                if again is not None and not again.balanced:
                    return cards, unsettled, (tenant_id, again)
            cards += len(batch)
            unsettled += sum((proof.unsettled_points for proof in batch), ZERO)
            after = batch[-1].card_id
            advance(len(batch))
    return cards, unsettled, None


def _summary(cards: int, tenants: int, unsettled: Decimal) -> str:
    text = f"{cards} {_counted(cards, 'card')} of {tenants} {_counted(tenants, 'tenant')}: every balance adds up"
    return f"{text} ({unsettled} points are past their date and not settled yet)" if unsettled else text


def _counted(number: int, word: str) -> str:
    return word if number == 1 else f"{word}s"


def _explain(tenant_id: int, proof: CardAudit) -> None:
    click.echo(f"Card {proof.card_id} of tenant {tenant_id} does not add up:", err=True)
    for difference in proof.differences:
        click.echo(f"  {difference.check}: {difference.expected} expected, {difference.found} found", err=True)


def _named(wrong: Wrong | None) -> dict[str, Any] | None:
    if wrong is None:
        return None
    tenant_id, proof = wrong
    return {"tenantId": tenant_id, "cardId": proof.card_id, "differences": proof.differences}
