"""The commands as an operator runs them: what they print, where, and with which exit code."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from card_service.cli import main
from card_service.loyalty.member_row import COLUMNS
from tests.servers.commands import card_service
from tests.servers.databases import PrivateDatabase, sqlite_database
from tests.servers.mariadb import MariaDB, free_port
from tests.servers.service import Service, start_service

SECRET = "a secret of 32 bytes or even more"  # noqa: S105 - of this test alone
COMMANDS = (
    "", "db", "db upgrade", "db current", "db downgrade", "tenant", "tenant create", "tenant list",
    "tenant export", "tenant apply-expiry", "tenant recalculate-tiers", "members", "members import", "key", "key create",
    "key revoke", "key list", "user", "user create", "user list", "user password", "user disable", "user enable", "serve", "demo",
    "audit", "openapi", "worker", "jobs", "jobs run", "jobs list",
)  # fmt: skip


def run(database: PrivateDatabase, *arguments: str) -> str:
    """Run a command in this process and give its stdout; what a person reads is tested by processes below."""
    done = CliRunner().invoke(main, arguments, env={"CARD_SERVICE_DATABASE_URL": database.url}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def shown_help(command: str) -> str:
    """Ask a command for its help as it stands on a terminal of 80 columns, of which click uses 78."""
    done = CliRunner().invoke(main, [*command.split(), "--help"], prog_name="card-service", terminal_width=78)
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    text = shown_help(command)
    assert text.startswith(f"Usage: card-service{' ' * bool(command)}{command}")
    assert max(map(len, text.splitlines())) <= 80
    assert "\\" not in text


def test_the_columns_of_members_are_a_list() -> None:
    lines = [line.split() for line in shown_help("members import").splitlines()]
    assert set(COLUMNS) <= {line[0] for line in lines if line}


@pytest.mark.parametrize("group", ["", "db", "tenant", "key", "user", "members", "jobs"])
def test_a_list_of_commands_shows_whole_sentences(group: str) -> None:
    listed = shown_help(group).partition("Commands:")[2]
    names = {command.removeprefix(group).strip() for command in COMMANDS if command.startswith(group) and command != group}
    assert {line.split()[0] for line in listed.strip().splitlines()} == {name for name in names if " " not in name}
    assert "..." not in listed


def test_a_database_is_migrated_once_and_says_where_it_is(tmp_path: Path) -> None:
    database = PrivateDatabase("sqlite", f"sqlite:///{tmp_path / 'deep' / 'new.sqlite3'}", "")
    assert json.loads(run(database, "db", "current", "--json"))["current"] is None
    assert not (tmp_path / "deep").exists()
    first = json.loads(run(database, "db", "upgrade", "--json"))
    head = first["to"]
    assert first == {"from": None, "to": head}
    assert run(database, "db", "upgrade") == f"The database is at migration {head} already.\n"
    assert run(database, "db", "current") == f"{head} (newest: {head})\n"
    assert run(database, "db", "downgrade", "base", "--yes") == "The database is at migration base now.\n"
    assert run(database, "db", "upgrade") == f"The database is at migration {head} now.\n"


def test_a_tenant_is_created_with_a_working_key_for_each_role(database: PrivateDatabase, service: Service) -> None:
    made = json.loads(run(database, "tenant", "create", "Corner Pharmacy", "--json"))
    assert sorted(made) == ["keys", "tenantId"]
    assert sorted(made["keys"]) == ["admin", "billing", "cashier"]
    for role, key in made["keys"].items():
        client = service.anonymous.with_authorization(f"Bearer {key}")
        assert client.get("/card-config").status == (200 if role == "admin" else 403)
    listed = json.loads(run(database, "tenant", "list", "--json"))["items"]
    assert [one["name"] for one in listed if one["id"] == made["tenantId"]] == ["Corner Pharmacy"]
    assert "Corner Pharmacy" in run(database, "tenant", "list")


def test_people_are_shown_the_keys_too(database: PrivateDatabase) -> None:
    shown = run(database, "tenant", "create", "Shown Pharmacy")
    assert len(re.findall(r"csk_[a-z0-9]{10}_[A-Za-z0-9_-]{43}", shown)) == 3


def test_a_key_is_made_listed_and_revoked_at_once(database: PrivateDatabase, service: Service) -> None:
    tenant = str(json.loads(run(database, "tenant", "create", "Keys", "--json"))["tenantId"])
    made = json.loads(run(database, "key", "create", "--tenant", tenant, "--role", "admin", "--label", "till 3", "--json"))
    client = service.anonymous.with_authorization(f"Bearer {made['key']}")
    assert client.get("/card-config").status == 200
    listed = run(database, "key", "list", "--tenant", tenant)
    assert "till 3" in listed
    assert made["key"] not in listed
    revoked = json.loads(run(database, "key", "revoke", "--tenant", tenant, made["prefix"], "--json"))
    assert revoked == {"id": made["id"], "prefix": made["prefix"], "revoked": True}
    assert client.get("/card-config").status == 401
    (of_key,) = [
        one for one in json.loads(run(database, "key", "list", "--tenant", tenant, "--json"))["items"] if one["id"] == made["id"]
    ]
    assert of_key["revokedAt"] is not None


@pytest.mark.parametrize("name", ["id", "prefix", "key"])
def test_a_key_to_revoke_may_be_named_by_id_prefix_or_itself(database: PrivateDatabase, name: str) -> None:
    tenant = str(json.loads(run(database, "tenant", "create", "Keys", "--json"))["tenantId"])
    made = json.loads(run(database, "key", "create", "--tenant", tenant, "--role", "cashier", "--json"))
    assert "is revoked" in run(database, "key", "revoke", "--tenant", tenant, str(made[name]))


def test_another_tenants_key_cannot_be_revoked(database: PrivateDatabase) -> None:
    first, second = (json.loads(run(database, "tenant", "create", "Keys", "--json"))["tenantId"] for _ in range(2))
    made = json.loads(run(database, "key", "create", "--tenant", str(first), "--role", "cashier", "--json"))
    refused = card_service(database, "key", "revoke", "--tenant", str(second), str(made["id"]))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"Error: Tenant {second} has no such key in force: `card-service key list --tenant {second}` shows them.\n"
    )


def test_the_openapi_document_is_printed_as_it_is_served(service: Service) -> None:
    printed = CliRunner().invoke(main, ["openapi"]).stdout
    assert json.loads(printed)["openapi"] == "3.1.0"
    assert json.loads(printed) == json.loads(service.root.get("/openapi.json").text)


def test_json_stands_alone_on_stdout_in_any_folder(database: PrivateDatabase, tmp_path: Path) -> None:
    for command in (("tenant", "list"), ("db", "current"), ("audit", "--tenant", "1")):
        done = card_service(database, *command, "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert isinstance(json.loads(done.stdout), dict)
        assert done.stdout.count("\n") == 1


def _unreachable() -> PrivateDatabase:
    return PrivateDatabase("mariadb", f"mysql+pymysql://someone:hidden@127.0.0.1:{free_port()}/none", "")


def _one_line(database: PrivateDatabase | None, *arguments: str, **settings: str) -> str:
    """Run a command that must fail, and give the one line it says; never a password, never a traceback."""
    done = card_service(database, *arguments, cwd=None, **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert "hidden" not in done.stderr
    return done.stderr


def test_an_unreachable_database_is_one_line() -> None:
    for command in (
        ("tenant", "list"),
        ("db", "upgrade"),
        ("audit",),
        ("serve",),
        ("demo",),
        ("worker",),
        ("jobs", "run", "expire"),
    ):
        assert "The database cannot be reached" in _one_line(_unreachable(), *command)


def test_a_wrong_password_is_one_line(mariadb: MariaDB) -> None:
    wrong = PrivateDatabase("mariadb", f"mysql+pymysql://card_app:hidden@127.0.0.1:{mariadb.port}/card_service", "")
    assert "refuses this user" in _one_line(wrong, "tenant", "list")


def test_wrong_settings_are_all_named_in_one_line(database: PrivateDatabase) -> None:
    said = _one_line(database, "tenant", "list", workers="many", colour="blue", log_level="LOUD")
    for name in ("CARD_SERVICE_WORKERS", "CARD_SERVICE_COLOUR", "CARD_SERVICE_LOG_LEVEL"):
        assert name in said


def test_a_database_that_was_never_migrated_is_one_line(tmp_path: Path) -> None:
    database = PrivateDatabase("sqlite", f"sqlite:///{tmp_path / 'none.sqlite3'}", "")
    for command in (("tenant", "list"), ("audit",), ("key", "list", "--tenant", "1"), ("demo", "--seed-only")):
        assert "run `card-service db upgrade`" in _one_line(database, *command)


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear pharmacy, this is no database. " * 100)
    database = PrivateDatabase("sqlite", f"sqlite:///{tmp_path / 'letter.txt'}", "")
    assert "not an SQLite database" in _one_line(database, "tenant", "list")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    # Root may write anywhere, but nobody into a file.
    (tmp_path / "file").write_text("")
    database = PrivateDatabase("sqlite", f"sqlite:///{tmp_path / 'file' / 'sub' / 'x.sqlite3'}", "")
    assert "permissions" in _one_line(database, "db", "upgrade")


@pytest.mark.parametrize(
    "arguments",
    [("tenant", "create", " "), ("tenant", "create", "a\nb"), ("key", "create", "--tenant", "1", "--role", "king"),
     ("serve", "--port", "0"), ("audit", "--tenant", "x"), ("demo", "--seed-only", "--play-only"), ("nothing",),
     ("jobs", "run", "sleep"), ("jobs", "run", "expire", "--date", "tomorrow"), ("worker", "--every", "0")],
)  # fmt: skip
def test_wrong_usage_is_exit_code_2(database: PrivateDatabase, arguments: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, arguments, env={"CARD_SERVICE_DATABASE_URL": database.url})
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Error: " in done.stderr


def test_a_lost_tenant_says_where_to_look(database: PrivateDatabase) -> None:
    assert "tenant list" in _one_line(database, "key", "create", "--tenant", "987654321", "--role", "admin")
    assert "tenant list" in _one_line(database, "audit", "--tenant", "987654321")


def test_keys_work_under_a_secret_of_the_settings(tmp_path: Path) -> None:
    database = sqlite_database(tmp_path)
    made = card_service(database, "tenant", "create", "Secret", "--json", key_secret=SECRET)
    key = json.loads(made.stdout)["keys"]["admin"]
    for secret, status in ((SECRET, 200), (None, 401)):
        client = start_service(database, key_secret=secret).anonymous.with_authorization(f"Bearer {key}")
        assert client.get("/card-config").status == status
