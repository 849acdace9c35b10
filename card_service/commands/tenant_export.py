"""`card-service tenant export`: everything that a tenant owns, as files."""

import json
from pathlib import Path
from typing import Any

import click

from card_service import migrate
from card_service.commands.connection import opened, operator, read_settings
from card_service.commands.export_files import TableFile, csv_line, json_line
from card_service.commands.failure import Failure
from card_service.kit.context import utc_now
from card_service.kit.db.database import Database
from card_service.kit.wire import instant
from card_service.tenants.export import LEFT_OUT, SECRET_COLUMNS, Exported, ReadPage, exported_tables, last_key, read_page
from card_service.tenants.find import tenant_name

MANIFEST = "manifest.json"
SAY_EVERY_ROWS = 100_000
LINES = {"csv": csv_line, "jsonl": json_line}


@click.command(name="export")
@click.option("--tenant", "tenant_id", type=click.IntRange(1, 2**63 - 1), required=True, help="The tenant's id (`tenant list`).")
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), required=True, help="A folder, new or empty.")
@click.option("--format", "form", type=click.Choice(sorted(LINES)), default="csv", show_default=True, help="CSV or JSON Lines.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifest as one JSON object.")
def export(tenant_id: int, folder: Path, form: str, *, as_json: bool) -> None:
    """Write everything a tenant owns into files.

    One file a table, and manifest.json with the columns, the number of rows and the SHA-256 of each. The manifest is
    written last: a folder without one is not whole. Left out are the hashes of keys and passwords, and sessions.

    Amounts are exact, instants UTC, days the tenant's. In CSV a text stands in quotes and an empty cell is NULL; a text
    that a spreadsheet would calculate (= + - @ at its beginning) has an apostrophe before it, and so has one that begins
    with an apostrophe: take one off when you read it. JSON Lines have no such signs.

    The service may run meanwhile: each thousand rows are read at an instant of their own, so stop it if all must be of
    one. The files hold personal data; only you may read them.
    """
    with opened(read_settings()) as database:
        name = database.read(tenant_name, operator(tenant_id))
        if name is None:
            raise Failure(f"There is no tenant {tenant_id}: `card-service tenant list` shows the tenants.")
        _make_folder(folder)
        manifest: dict[str, Any] = {"tenantId": tenant_id, "tenantName": name, "format": form, "startedAt": instant(utc_now())}
        manifest["migration"] = migrate.current_revision(database.engine)
        manifest["files"] = [_export(database, tenant_id, table, folder, form) for table in exported_tables()]
    manifest["leftOut"] = LEFT_OUT
    manifest["leftOutColumns"] = {table: sorted(columns) for table, columns in SECRET_COLUMNS.items()}
    manifest["finishedAt"] = instant(utc_now())
    _write_manifest(folder, manifest)
    rows = sum(file["rows"] for file in manifest["files"])
    if as_json:
        click.echo(json.dumps(manifest))
    else:
        click.echo(f"{rows} rows of {len(manifest['files'])} tables of tenant {tenant_id} ({name}) are in {folder}.")


def _make_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Failure(f"{folder} is not empty: name a new folder, so that no old file is taken for a new one.")


def _export(database: Database, tenant_id: int, table: Exported, folder: Path, form: str) -> dict[str, Any]:
    path = folder / f"{table.name}.{form}"
    after: tuple[Any, ...] | None = None
    with TableFile(path, [column.name for column in table.columns], LINES[form]) as file:
        while rows := database.read(read_page, operator(tenant_id), ReadPage(table, after)):
            file.write(rows)
            after = last_key(table, rows[-1])
            if file.rows % SAY_EVERY_ROWS == 0:
                click.echo(f"{table.name}: {file.rows} rows ...", err=True)
    click.echo(f"{table.name}: {file.rows} rows", err=True)
    return file.described()


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    unfinished = folder / f"{MANIFEST}.part"
    unfinished.write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    unfinished.chmod(0o600)
    unfinished.replace(folder / MANIFEST)
