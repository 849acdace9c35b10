"""`card-service user`: the people of a tenant who sign in at the counter."""

import json
import sys

import click

from card_service.commands.connection import key_secret, opened, operator, read_settings
from card_service.commands.failure import Failure
from card_service.kit.auth.caller import ADMIN, CASHIER
from card_service.kit.auth.passwords import hash_password
from card_service.kit.auth.sessions import SessionSecret
from card_service.kit.db.database import Database
from card_service.kit.wire import encode
from card_service.tenants.find import tenant_name
from card_service.tenants.keys import TenantNotFound
from card_service.users.create import CreatePerson, create_person
from card_service.users.disable import disable_person, enable_person
from card_service.users.list import list_people
from card_service.users.password import ChangePassword, change_password
from card_service.users.person import Person, find_person
from card_service.users.rules import LONGEST_NAME, normal_login, why_not
from config.settings import Settings

_tenant_option = click.option(
    "--tenant", "tenant_id", type=click.IntRange(1, 2**63 - 1), required=True, help="The tenant's id (`tenant list`)."
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object: id, login, name, role, isActive.")
_who = click.argument("which", metavar="LOGIN_OR_ID")


@click.group()
def user() -> None:
    """Add, list and disable people, set passwords.

    A password is asked for at the terminal, or read as the first line of stdin; never an argument, which others could
    see.
    """


@user.command()
@click.argument("login")
@_tenant_option
@click.option("--role", type=click.Choice((ADMIN, CASHIER)), required=True, help="What the person may do at the counter.")
@click.option("--name", required=True, help="How the person is called on the page.")
@_json_option
def create(login: str, tenant_id: int, role: str, name: str, *, as_json: bool) -> None:
    """Add a person.

    LOGIN is what they type to sign in: 3 to 100 letters, digits and signs without spaces, capitals or not being the
    same. No two people have the same, not even at different pharmacies.
    """
    stored = normal_login(login)
    if stored is None:
        raise click.BadParameter("must have 3 to 100 printable ASCII characters without spaces", param_hint="LOGIN")
    name = name.strip()
    if not (1 <= len(name) <= LONGEST_NAME and name.isprintable()):
        raise click.BadParameter(f"must have 1 to {LONGEST_NAME} printable characters", param_hint="--name")
    with opened(read_settings()) as database:
        password = _new_password(database, tenant_id, stored, name)
        request = CreatePerson(login=stored, name=name, role=role, password_hash=hash_password(password))
        made = database.transact(create_person, operator(tenant_id), request)
    _say(made, f"{made.login} (id {made.id}, {made.role}) can sign in at /counter.", as_json=as_json)


@user.command(name="list")
@_tenant_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: items.")
def list_(tenant_id: int, *, as_json: bool) -> None:
    """List a tenant's people, disabled ones too."""
    with opened(read_settings()) as database:
        found = database.read(list_people, operator(tenant_id))
    if as_json:
        click.echo(encode({"items": found}))
        return
    for one in found:
        state = "may sign in" if one.is_active else "disabled"
        click.echo(f"{one.id:6}  {one.role:8}  {state:11}  {one.login}  {one.name}")
    if not found:
        click.echo(f"Tenant {tenant_id} has nobody yet: `card-service user create` adds a person.", err=True)


@user.command()
@_who
@_tenant_option
@_json_option
def password(which: str, tenant_id: int, *, as_json: bool) -> None:
    """Set a new password.

    Ends all sessions of the person, and unlocks a login that was locked after too many tries.
    """
    settings = read_settings()
    with opened(settings) as database:
        found = database.read(find_person, operator(tenant_id), which)
        chosen = _new_password(database, tenant_id, found.login, found.name)
        login_hash = _session_secret(settings, database).login(found.login)
        request = ChangePassword(found.id, hash_password(chosen), login_hash)
        database.transact(change_password, operator(tenant_id), request)
    _say(found, f"{found.login} has a new password; all sessions are ended.", as_json=as_json)


@user.command()
@_who
@_tenant_option
@_json_option
def disable(which: str, tenant_id: int, *, as_json: bool) -> None:
    """Keep a person out, from their next click on."""
    _set_active(which, tenant_id, active=False, as_json=as_json)


@user.command()
@_who
@_tenant_option
@_json_option
def enable(which: str, tenant_id: int, *, as_json: bool) -> None:
    """Let a person in again who was disabled."""
    _set_active(which, tenant_id, active=True, as_json=as_json)


def _set_active(which: str, tenant_id: int, *, active: bool, as_json: bool) -> None:
    with opened(read_settings()) as database:
        found = database.read(find_person, operator(tenant_id), which)
        if active:
            database.transact(enable_person, operator(tenant_id), found.id)
        else:
            database.transact(disable_person, operator(tenant_id), found.id)
        found = database.read(find_person, operator(tenant_id), str(found.id))
    said = "may sign in again" if active else "is disabled; all sessions are ended"
    _say(found, f"{found.login} {said}.", as_json=as_json)


def _say(person: Person, sentence: str, *, as_json: bool) -> None:
    if as_json:
        shown = {"id": person.id, "login": person.login, "name": person.name, "role": person.role}
        click.echo(json.dumps({**shown, "isActive": person.is_active}))
    else:
        click.echo(sentence)


def _new_password(database: Database, tenant_id: int, login: str, name: str) -> str:
    """Ask for a password twice at a terminal, else read it from stdin; raises Failure with what is wrong with it."""
    pharmacy = database.read(tenant_name, operator(tenant_id))
    if pharmacy is None:
        raise TenantNotFound
    if sys.stdin.isatty():
        chosen: str = click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        chosen = sys.stdin.readline().rstrip("\r\n")
    refusal = why_not(chosen, login, name, pharmacy)
    if refusal is not None:
        raise Failure(refusal)
    return chosen


def _session_secret(settings: Settings, database: Database) -> SessionSecret:
    return SessionSecret(key_secret(settings, database))
