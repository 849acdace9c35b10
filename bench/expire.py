"""Lots by the million that expire in one night, and the tills that earn beside it: the rate, and what the tills notice."""

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bench import calls
from bench.database import administrator
from bench.pharmacy import Pharmacy, insert_cards, open_pharmacy
from bench.report import HEADER, Figure, Label, line
from bench.service import Target, running_target
from tests.servers.commands import environment, script
from tests.servers.databases import PrivateDatabase

LOTS_A_CARD = 10
CARDS_A_STATEMENT = 10_000
TILL_CARDS = 2000
CLIENTS = 16
LOTS_FROM = "FROM loyalty_cards AS card JOIN seq_2_to_{last} AS lot WHERE card.id BETWEEN %s AND %s"
_ENTRIES = """
INSERT INTO point_transactions (tenant_id, card_id, seq, type, points, balance_after, reference_type, performed_by,
       description, occurred_at, created_at)
SELECT card.tenant_id, card.id, lot.seq, 'ADJUSTED', 10, card.points_balance + 10 * (lot.seq - 1), 'ADJUSTMENT', 'bench', 'gift',
       '2026-01-01', '2026-01-01' """
_LOTS = """
INSERT INTO point_lots (tenant_id, card_id, opened_card_id, opened_seq, source, original, remaining, debt_repaid, expired,
       available_at, expires_at, created_at, dated_by)
SELECT card.tenant_id, card.id, card.id, lot.seq, 'ADJUSTED', 10, 10, 0, 0, '2026-01-01', '2026-02-01', '2026-01-01', 'HAND' """
_CARDS = """
UPDATE loyalty_cards SET points_balance = points_balance + 10 * %s, seq = %s, version = %s, next_due_at = '2026-02-01'
 WHERE id BETWEEN %s AND %s"""


@dataclass(frozen=True)
class Night:
    """What the job came to, and the tills before it and beside it."""

    report: dict[str, Any]
    alone: Figure
    beside: Figure


def measure_night(database: PrivateDatabase, folder: Path, lots: int, a_minute: int, seconds: float) -> Night:
    """Fill a pharmacy with lots that are past their date, measure the tills alone, then beside the job."""
    pharmacy = open_pharmacy(database, cards=TILL_CARDS)
    cards = _fill(database, pharmacy, lots)
    with running_target(database, folder) as target:
        rate = a_minute / 60
        target.measure(Label("", "", CLIENTS), calls.earn(pharmacy, 1), 3.0)
        click.echo(HEADER)
        alone = _tills(target, pharmacy, "earn, no job", rate, seconds, 10_000_000)
        job = subprocess.Popen(
            [script(), "jobs", "run", "expire", "--tenant", str(pharmacy.tenant_id), "--json"],
            env=environment(database.url),
            stdout=subprocess.PIPE,
            text=True,
        )
        time.sleep(2)
        beside = _tills(target, pharmacy, "earn, beside the job", rate, seconds, 20_000_000)
        if job.poll() is not None:
            click.echo("  the job had ended before the tills did: give it more lots (--lots)")
        said, _ = job.communicate()
    if job.returncode:
        raise click.ClickException(f"the job failed:\n{said}")
    report = json.loads(said)
    if report["done"] < cards:
        raise click.ClickException(f"the job did {report['done']} of {cards} cards")
    return Night(report, alone, beside)


def told(night: Night, lots: int) -> list[str]:
    """Say what was measured in sentences."""
    report = night.report
    return [
        (
            f"{lots:,} lots on {report['done']:,} cards expired in {report['seconds']:,.1f} s:"
            f" {lots / report['seconds']:,.0f} lots, {report['done'] / report['seconds']:,.0f} cards a second"
        ),
        (
            f"tills at {night.alone.rate * 60:,.0f} earns a minute: p95 {night.alone.p95_ms:.1f} ms alone,"
            f" {night.beside.p95_ms:.1f} ms beside the job ({night.alone.errors} and {night.beside.errors} errors)"
        ),
    ]


def _tills(target: Target, pharmacy: Pharmacy, name: str, rate: float, seconds: float, first_bill: int) -> Figure:
    figure = target.measure(Label("expire", name, CLIENTS, rate), calls.earn(pharmacy, first_bill), seconds)
    click.echo(line(figure))
    return figure


def _fill(database: PrivateDatabase, pharmacy: Pharmacy, lots: int) -> int:
    """Insert cards with ten lots each that are past their date, and what was posted for them."""
    count = max(1, lots // LOTS_A_CARD)
    last = LOTS_A_CARD + 1
    source = LOTS_FROM.format(last=last)
    with administrator(database) as connection, connection.cursor() as cursor:
        cursor.execute("SET time_zone='+00:00', foreign_key_checks=0, unique_checks=0")
        starts = range(0, count, CARDS_A_STATEMENT)
        with click.progressbar(starts, label=f"filling {count * LOTS_A_CARD:,} lots") as bar:
            for start in bar:
                size = min(CARDS_A_STATEMENT, count - start)
                ids = insert_cards(cursor, pharmacy.tenant_id, size, f"LOT-{pharmacy.tenant_id}-{start}-", referrers=())
                span = (min(ids), max(ids))
                cursor.execute(_ENTRIES + source, span)
                cursor.execute(_LOTS + source, span)
                cursor.execute(_CARDS, (LOTS_A_CARD, last, last, *span))
        cursor.execute("ANALYZE TABLE loyalty_cards, point_transactions, point_lots")
    return count
