"""`card-service members`: the members that a pharmacy had before."""

import contextlib
import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from card_service import migrate
from card_service.commands.connection import opened, operator, read_settings
from card_service.commands.failure import Failure
from card_service.kit.db.database import Database
from card_service.kit.errors import ServiceError, Unavailable
from card_service.kit.money import ZERO
from card_service.kit.wire import encode
from card_service.loyalty.check_members import check_members, check_referrers
from card_service.loyalty.import_index import ImportIndex
from card_service.loyalty.import_member import import_member, link_member
from card_service.loyalty.member_row import MemberRow, RowProblem
from card_service.loyalty.read_members import BadFile, ReadRow, read_rows
from card_service.tenants.find import tenant_name
from config.settings import Settings

CHUNK_ROWS = 500
MOST_TOLD_IN_JSON = 1000


@click.group()
def members() -> None:
    """Import members that a pharmacy had before."""


@dataclass
class Run:
    """An import in progress, and what it counts."""

    database: Database
    tenant_id: int
    path: Path
    index: ImportIndex
    rows: int = 0
    ready: int = 0
    imported: int = 0
    before: int = 0
    linked: int = 0
    points: Decimal = ZERO
    errors: int = 0
    first_errors: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, problem: RowProblem) -> None:
        """Say what is wrong with a row."""
        self.errors += 1
        if len(self.first_errors) < MOST_TOLD_IN_JSON:
            self.first_errors.append({"line": problem.line, "column": problem.column, "says": problem.says})
        click.echo(str(problem), err=True)


@members.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--tenant", "tenant_id", type=click.IntRange(1, 2**63 - 1), required=True, help="The tenant's id (`tenant list`).")
@click.option("--dry-run", is_flag=True, help="Only check every row, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: rows, imported, before, linked, points, errors.")
def import_(file: Path, tenant_id: int, *, dry_run: bool, as_json: bool) -> None:
    """Import members from a CSV file.

    UTF-8; comma, semicolon or tab between the cells. The first line names the columns, in any order; all but a card
    number or a customer id in each row may be left out:

    \b
    card_number      of the tenant's own; without one the service makes it
    customer_id      the customer's number in Billing
    name             up to 200 characters
    phone            3 to 20 digits, + ( ) - and spaces allowed
    email
    birth_date       such as 1980-01-31
    opening_points   such as 1250.50, without thousands separators
    points_last_day  the last day on which they are valid, such as
                     2027-03-31; empty: as the configuration says
    referrer_number  the card number of who referred them, in this file
                     or from before
    segments         labels such as vip|staff

    Each row becomes a card; its points are posted as ADJUSTED. Nobody is paid for joining. First every row is checked,
    and each problem is told on stderr with its line and what to do; with a problem anywhere nothing is imported.

    May be killed and run again: each row is a transaction of its own and is done once, known by its card number, or
    else its customer id. The same file once more changes nothing. Do not change a row that was imported.

    Exit code: 0 done, 1 some rows are wrong or it could not run.
    """  # noqa: D301 - click looks for the character that it stands for
    settings = read_settings()
    with opened(settings) as database, contextlib.closing(ImportIndex()) as index:
        if database.read(tenant_name, operator(tenant_id)) is None:
            raise Failure(f"There is no tenant {tenant_id}: `card-service tenant list` shows the tenants.")
        database.memory["card_number_key"] = _card_number_key(settings, database)
        run = Run(database, tenant_id, file, index)
        try:
            _check(run)
            if not run.errors and not dry_run:
                _write(run)
        except BadFile as bad:
            raise Failure(str(bad)) from bad
    _report(run, dry_run=dry_run, as_json=as_json)
    sys.exit(1 if run.errors else 0)


def _card_number_key(settings: Settings, database: Database) -> bytes:
    return (settings.card_number_secret or migrate.secrets_of(database.engine)[migrate.CARD_NUMBER_SECRET]).encode()


def _check(run: Run) -> None:
    """Check every row by itself, against the file, and against what the tenant has."""
    with click.progressbar(length=run.path.stat().st_size, label="Checking", file=sys.stderr) as bar:
        for chunk in _chunks(_loaded(run, read_rows(run.path, bar.update))):
            found = run.database.read(check_members, operator(run.tenant_id), [row for _, row in chunk])
            for (line, row), checked in zip(chunk, found, strict=True):
                problems = [RowProblem(line, column or None, says) for column, says in checked.problems.items()]
                twin = run.index.twin_of(line, row)
                for problem in [*([twin] if twin else []), *problems]:
                    run.tell(problem)
                if twin is None:
                    run.index.add(line, row, done=checked.done)
                if twin is None and not problems:
                    run.before += checked.done
                    run.ready += not checked.done
                    run.points += ZERO if checked.done else row.opening_points
    for chunk in _chunks(run.index.referred()):
        _check_referrers(run, chunk)


def _check_referrers(run: Run, chunk: list[tuple[int, str]]) -> None:
    elsewhere = []
    for line, number in chunk:
        here, says = run.index.wrong_referrer(line, number)
        if says is not None:
            run.tell(RowProblem(line, "referrer_number", says))
        elif not here:
            elsewhere.append((line, number))
    wrong = run.database.read(check_referrers, operator(run.tenant_id), sorted({number for _, number in elsewhere}))
    for line, number in elsewhere:
        if number in wrong:
            run.tell(RowProblem(line, "referrer_number", wrong[number]))


def _write(run: Run) -> None:
    """Import every row, then link those that were referred: the referrer may stand further down."""
    for label, count, do in (("Importing", run.ready + run.before, _import), ("Linking", run.ready + run.before, _link)):
        with click.progressbar(length=count, label=label, file=sys.stderr) as bar:
            for read in read_rows(run.path):
                row, _ = _load(read)
                if row is None:
                    raise BadFile("The file was changed while it was imported: run it again.")
                try:
                    do(run, read.line, row)
                except Unavailable:
                    raise
                except ServiceError as refusal:
                    run.tell(RowProblem(read.line, None, _said(refusal)))
                bar.update(1)


def _import(run: Run, line: int, row: MemberRow) -> None:
    if not run.index.is_done(line):
        run.imported += run.database.transact(import_member, operator(run.tenant_id), row)


def _link(run: Run, _line: int, row: MemberRow) -> None:
    if row.referrer_number is not None:
        run.linked += run.database.transact(link_member, operator(run.tenant_id), row)


def _said(refusal: ServiceError) -> str:
    errors = getattr(refusal, "errors", None)
    return f"{refusal.detail}{f' ({encode(errors)})' if errors else ''}"


def _loaded(run: Run, rows: Iterator[ReadRow]) -> Iterator[tuple[int, MemberRow]]:
    for read in rows:
        run.rows += 1
        row, problems = _load(read)
        for problem in problems:
            run.tell(problem)
        if row is not None:
            yield read.line, row


def _load(read: ReadRow) -> tuple[MemberRow | None, list[RowProblem]]:
    from card_service.loyalty.import_schemas import member_row  # noqa: PLC0415 - loads the web's parts, which --help need not

    if read.problems:
        return None, read.problems
    row, wrong = member_row(read.cells)
    return row, [RowProblem(read.line, column, says) for column, says in wrong.items()]


def _chunks(items: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(itertools.islice(items, CHUNK_ROWS)):
        yield chunk


def _report(run: Run, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        counted: dict[str, Any] = {"rows": run.rows, "imported": run.imported, "before": run.before, "linked": run.linked}
        counted |= {"ready": run.ready, "points": str(run.points), "errors": run.errors, "firstErrors": run.first_errors}
        click.echo(json.dumps(counted))
    elif run.errors and not run.imported:
        click.echo(f"{run.errors} problems in {run.rows} rows; nothing was imported. Correct the lines above and run it again.")
    elif dry_run:
        click.echo(f"{run.rows} rows are right: {run.ready} to import with {run.points} points, {run.before} imported before.")
    else:
        click.echo(
            f"{run.imported} members imported, {run.before} before; {run.linked} linked to their referrers;"
            f" {run.errors} problems."
        )
