"""`card-service tenant export`: every row a tenant owns, exactly, and nothing of another."""

import csv
import hashlib
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Boolean, MetaData, Table
from sqlalchemy import Column as SqlColumn

from card_service.kit.db.types import Exact, UtcDateTime
from card_service.models.base import metadata
from card_service.tenants.export import LEFT_OUT, SECRET_COLUMNS, Exported, exported_tables, walk_of
from tests.guards.pharmacy import Pharmacy, fill
from tests.servers.commands import card_service
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service

SECRET_WORDS = ("hash", "secret", "password", "token")


def export(database: PrivateDatabase, tenant_id: int, folder: Path, form: str = "csv") -> dict[str, Any]:
    done = card_service(database, "tenant", "export", "--tenant", str(tenant_id), "--to", str(folder), "--format", form, "--json")
    assert done.returncode == 0, done.stderr
    manifest: dict[str, Any] = json.loads(done.stdout)
    assert manifest == json.loads((folder / "manifest.json").read_text())
    return manifest


def test_every_table_is_exported_or_has_a_reason_not_to_be() -> None:
    names = [table.name for table in exported_tables()]
    assert sorted([*names, *LEFT_OUT]) == sorted(metadata.tables)
    assert all(LEFT_OUT.values())


def test_no_secret_is_exported() -> None:
    for table in exported_tables():
        found = {column.name for column in table.columns if any(word in column.name for word in SECRET_WORDS)}
        assert not found, f"{table.name}: {found} look like secrets: add them to SECRET_COLUMNS, or call them something else"
    for name, columns in SECRET_COLUMNS.items():
        assert columns <= set(metadata.tables[name].columns.keys())


def test_a_table_without_a_key_of_its_tenant_is_refused() -> None:
    lost = Table("lost", MetaData(), SqlColumn("id", primary_key=True), SqlColumn("tenant_id"))
    with pytest.raises(LookupError, match="lost has no key that begins with the tenant"):
        walk_of(lost)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_read_again_equals_the_tables(service: Service, tmp_path: Path, form: str) -> None:
    pharmacy, other = fill(service), fill(service)
    name = '=HYPERLINK("http://evil", "x"), a "quote"'
    for shown in (name, "'tis", "-1", "+91", "@home", "पार्वती"):
        answer = pharmacy.tenant.admin.post("/cards", {"customerName": shown, "customerPhone": "+91 98765 43210"})
        assert answer.status == 201, answer.text
    manifest = export(service.database, pharmacy.tenant.id, tmp_path / "out", form)
    files = {one["table"]: one for one in manifest["files"]}
    for table in exported_tables():
        described = files[table.name]
        data = (tmp_path / "out" / described["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == described["sha256"]
        assert len(data) == described["bytes"]
        stored = _stored(service.database, table, pharmacy.tenant.id)
        read = _read_csv(table, data.decode()) if form == "csv" else _read_json(table, data.decode())
        assert sorted(read, key=repr) == sorted(stored, key=repr), table.name
        assert described["rows"] == len(stored)
        assert described["columns"] == [column.name for column in table.columns]
    filled = {name for name, one in files.items() if one["rows"]}
    assert {"loyalty_cards", "point_transactions", "bills", "audit_log", "tenants", "loyalty_programs"} <= filled
    whole = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir()).decode()
    assert not [secret for secret in _theirs(other) if secret in whole]
    assert not [key for key in pharmacy.tenant.keys.values() if key in whole]
    if form == "csv":
        assert '"\'=HYPERLINK(""http://evil"", ""x""), a ""quote"""' in whole


def test_an_export_follows_its_pages_to_the_end(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: PrivateDatabase
) -> None:
    """With three rows a page every table with more has several."""
    from click.testing import CliRunner  # noqa: PLC0415 - in this process, for the page's size

    from card_service.cli import main  # noqa: PLC0415

    monkeypatch.setattr("card_service.tenants.export.PAGE_ROWS", 3)
    pharmacy = fill(service)
    arguments = ["tenant", "export", "--tenant", str(pharmacy.tenant.id), "--to", str(tmp_path / "out"), "--json"]
    done = CliRunner().invoke(main, arguments, env={"CARD_SERVICE_DATABASE_URL": database.url}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    for one in json.loads(done.stdout)["files"]:
        (count,) = service.database.rows(
            f"SELECT COUNT(*) FROM {one['table']} WHERE {'id' if one['table'] == 'tenants' else 'tenant_id'} = :id",
            id=pharmacy.tenant.id,
        )[0]
        assert one["rows"] == count, one["table"]


def test_a_folder_that_is_not_empty_and_a_tenant_that_is_not_there_are_refused(database: PrivateDatabase, tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("x")
    done = card_service(database, "tenant", "export", "--tenant", str(10**12), "--to", str(tmp_path / "new"))
    assert (done.returncode, done.stderr) == (
        1,
        f"Error: There is no tenant {10**12}: `card-service tenant list` shows the tenants.\n",
    )
    assert not (tmp_path / "new").exists()
    made = json.loads(card_service(database, "tenant", "create", "Export", "--json").stdout)
    done = card_service(database, "tenant", "export", "--tenant", str(made["tenantId"]), "--to", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert "is not empty: name a new folder" in done.stderr


def test_only_their_owner_may_read_the_files(service: Service, tmp_path: Path) -> None:
    tenant = service.tenant()
    export(service.database, tenant.id, tmp_path / "out")
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").iterdir()} == {0o600}


def _theirs(other: Pharmacy) -> list[str]:
    return [*other.numbers.values(), *other.person.values()]


def _stored(database: PrivateDatabase, table: Exported, tenant_id: int) -> list[tuple[str | None, ...]]:
    """Read the rows behind the service's back, each value as plain text."""
    names = ", ".join(f"`{column.name}`" for column in table.columns)
    whose = "id" if table.name == "tenants" else "tenant_id"
    rows = database.rows(f"SELECT {names} FROM {table.name} WHERE {whose} = :id", id=tenant_id)
    return [tuple(_plain(column, value) for column, value in zip(table.columns, row, strict=True)) for row in rows]


def _plain(column: SqlColumn[Any], value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(column.type, Boolean):
        return "true" if value else "false"
    if isinstance(column.type, Exact):
        exact = Decimal(value).scaleb(-column.type.scale) if isinstance(value, int) else value
        return f"{exact:.{column.type.scale}f}"
    if isinstance(column.type, UtcDateTime):
        at = datetime.fromisoformat(value) if isinstance(value, str) else value
        return at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return str(value)


def _read_csv(table: Exported, text: str) -> list[tuple[str | None, ...]]:
    """Read the file as --help says; a text that is empty and NULL look the same to this reader."""
    header, *rows = csv.reader(text.splitlines(keepends=True), strict=True)
    assert header == [column.name for column in table.columns]
    quoted = [not isinstance(column.type, (Boolean, Exact, UtcDateTime)) for column in table.columns]
    return [
        tuple(None if cell == "" and column.nullable else cell.removeprefix("'") if is_text else cell
              for cell, column, is_text in zip(row, table.columns, quoted, strict=True))
        for row in rows
    ]  # fmt: skip


def _read_json(table: Exported, text: str) -> list[tuple[str | None, ...]]:
    rows = [json.loads(line, parse_float=str, parse_int=str) for line in text.splitlines()]
    assert all(list(row) == [column.name for column in table.columns] for row in rows)
    return [tuple(str(value).lower() if isinstance(value, bool) else value for value in row.values()) for row in rows]
