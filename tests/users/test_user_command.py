"""`card-service user`, as an operator runs it: passwords come by stdin and are never shown."""

import json
import os
import pty
import subprocess
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from card_service.cli import main
from tests.servers.clients import Tenant
from tests.servers.commands import environment, script
from tests.servers.service import Service
from tests.users.browsing import Browser

WORDS = "four small words here"
Run = Callable[..., Result]


@pytest.fixture
def tenant(service: Service) -> Tenant:
    return service.tenant("Corner Pharmacy")


@pytest.fixture
def run(service: Service) -> Run:
    def run_command(*arguments: str, stdin: str = "") -> Result:
        settings = {"CARD_SERVICE_DATABASE_URL": service.database.url}
        return CliRunner().invoke(main, ["user", *arguments], input=stdin, env=settings)

    return run_command


def _create(run: Run, tenant: Tenant, login: str, *more: str, stdin: str = WORDS + "\n") -> Result:
    return run("create", login, "--tenant", str(tenant.id), "--role", "cashier", "--name", "Meera Nair", *more, stdin=stdin)


def _login(service: Service, tenant: Tenant) -> str:
    return f"meera-{tenant.id}-{service.database.kind}"


def test_a_person_is_added_and_signs_in(service: Service, tenant: Tenant, run: Run) -> None:
    login = _login(service, tenant)
    done = _create(run, tenant, login.upper(), "--json")
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    assert made == {"id": made["id"], "login": login, "name": "Meera Nair", "role": "cashier", "isActive": True}
    assert WORDS not in done.output
    browser = Browser(service)
    assert browser.sign_in(login, WORDS).status_code == 303
    assert "Meera Nair" in browser.get("/account").text


def test_people_read_sentences(service: Service, tenant: Tenant, run: Run) -> None:
    login = _login(service, tenant)
    assert f"{login} (id " in _create(run, tenant, login).stdout
    listed = run("list", "--tenant", str(tenant.id)).stdout
    assert "cashier   may sign in" in listed
    assert f"{login}  Meera Nair" in listed
    assert "is disabled; all sessions are ended." in run("disable", login, "--tenant", str(tenant.id)).stdout
    assert "disabled" in run("list", "--tenant", str(tenant.id)).stdout


def test_the_list_holds_the_tenants_own_people_and_no_hash(service: Service, tenant: Tenant, run: Run) -> None:
    login = _login(service, tenant)
    _create(run, tenant, login)
    other = service.tenant()
    _create(run, other, _login(service, other))
    (mine,) = json.loads(run("list", "--tenant", str(tenant.id), "--json").stdout)["items"]
    assert (mine["login"], mine["isActive"]) == (login, True)
    assert not [name for name in mine if "password" in name.lower()]
    nobody = run("list", "--tenant", str(service.tenant().id))
    assert (nobody.stdout, nobody.exit_code) == ("", 0)
    assert "has nobody yet" in nobody.stderr


def test_a_new_password_ends_sessions_and_unlocks(service: Service, tenant: Tenant, run: Run) -> None:
    login = _login(service, tenant)
    _create(run, tenant, login)
    browser = Browser(service)
    assert browser.sign_in(login, WORDS).status_code == 303
    for _ in range(6):
        Browser(service).sign_in(login, "wrong and wrong")
    assert Browser(service).sign_in(login, WORDS).status_code == 403
    done = run("password", login, "--tenant", str(tenant.id), "--json", stdin="another four small words\n")
    assert json.loads(done.stdout)["login"] == login
    assert not browser.is_signed_in()
    assert Browser(service).sign_in(login, WORDS).status_code == 403
    assert Browser(service).sign_in(login, "another four small words").status_code == 303


def test_disabling_and_enabling_by_id(service: Service, tenant: Tenant, run: Run) -> None:
    login = _login(service, tenant)
    made = json.loads(_create(run, tenant, login, "--json").stdout)
    for command, status in (("disable", 403), ("enable", 303)):
        done = run(command, str(made["id"]), "--tenant", str(tenant.id), "--json")
        assert json.loads(done.stdout)["isActive"] is (status == 303)
        assert Browser(service).sign_in(login, WORDS).status_code == status


@pytest.mark.parametrize("command", ["password", "disable", "enable"])
def test_another_tenants_person_is_not_found(service: Service, tenant: Tenant, run: Run, command: str) -> None:
    login = _login(service, tenant)
    made = json.loads(_create(run, tenant, login, "--json").stdout)
    other = str(service.tenant().id)
    for which in (login, str(made["id"]), "nobody-at-all", "9" * 30, "m\u00e9era"):
        done = run(command, which, "--tenant", other, stdin="another four small words\n")
        assert (done.exit_code, done.stdout) == (1, "")
        assert "card-service user list" in done.stderr
    assert Browser(service).sign_in(login, WORDS).status_code == 303


def test_a_login_is_unique_over_all_tenants(service: Service, tenant: Tenant, run: Run) -> None:
    login = _login(service, tenant)
    assert _create(run, tenant, login).exit_code == 0
    for other in (tenant, service.tenant()):
        done = _create(run, other, login.title())
        assert (done.exit_code, done.stdout) == (1, "")
        assert "This login is taken" in done.stderr


@pytest.mark.parametrize(
    ("password", "because"),
    [("", "at least 10"), ("short", "at least 10"), ("password123", "commonest"), ("Corner Pharmacy 1", "guesses")],
)
def test_a_bad_password_is_refused_and_not_repeated(
    service: Service, tenant: Tenant, run: Run, password: str, because: str
) -> None:
    done = _create(run, tenant, _login(service, tenant), stdin=f"{password}\n")
    assert (done.exit_code, done.stdout) == (1, "")
    assert because in done.stderr
    assert not password or password not in done.stderr
    assert service.database.rows("SELECT id FROM users WHERE tenant_id = :id", id=tenant.id) == []


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("create", "two words", "--tenant", "1", "--role", "cashier", "--name", "A"), 2, "without spaces"),
        (("create", "login", "--tenant", "1", "--role", "billing", "--name", "A"), 2, "--role"),
        (("create", "login", "--tenant", "1", "--role", "admin", "--name", " "), 2, "1 to 100 printable"),
        (("create", "login", "--tenant", "9223372036854775807", "--role", "admin", "--name", "A"), 1, "no such tenant"),
        (("create", "login", "a password", "--tenant", "1", "--role", "admin", "--name", "A"), 2, "unexpected extra argument"),
    ],
)
def test_what_is_wrong_is_said(run: Run, arguments: tuple[str, ...], exit_code: int, said: str) -> None:
    done = run(*arguments, stdin=WORDS + "\n")
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert said in done.stderr


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(service: Service, tenant: Tenant) -> None:
    """A real terminal: click reads the password from it with the echo switched off."""
    login = _login(service, tenant)
    terminal, other_end = pty.openpty()
    process = subprocess.Popen(
        [script(), "user", "create", login, "--tenant", str(tenant.id), "--role", "admin", "--name", "Meera Nair"],
        stdin=other_end, stdout=other_end, stderr=other_end, env=environment(service.database.url), start_new_session=True,
    )  # fmt: skip
    os.close(other_end)
    shown = b""
    for prompt in (b"New password", b"Repeat for confirmation"):
        while prompt not in shown.rpartition(b"\n")[2]:
            shown += os.read(terminal, 1024)
        os.write(terminal, WORDS.encode() + b"\n")
    assert process.wait(timeout=60) == 0
    shown += os.read(terminal, 4096)
    os.close(terminal)
    assert WORDS.encode() not in shown
    assert Browser(service).sign_in(login, WORDS).status_code == 303


def test_who_added_whom_is_in_the_audit_log(service: Service, tenant: Tenant, run: Run) -> None:
    login = _login(service, tenant)
    made = json.loads(_create(run, tenant, login, "--json").stdout)
    for command in ("password", "disable", "enable"):
        run(command, login, "--tenant", str(tenant.id), stdin="another four small words\n")
    sql = "SELECT action, performed_by FROM audit_log WHERE tenant_id = :id AND entity = 'user' AND entity_id = :user ORDER BY id"
    entries = service.database.rows(sql, id=tenant.id, user=made["id"])
    assert [tuple(row) for row in entries] == [
        (action, "operator") for action in ("create", "change-password", "disable", "enable")
    ]
