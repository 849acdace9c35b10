"""`card-service key`: the API keys of a tenant."""

import json

import click

from card_service.commands.connection import key_secret, opened, operator, read_settings
from card_service.commands.failure import Failure
from card_service.kit.auth.caller import ROLES
from card_service.kit.auth.keys import new_key, prefix_of
from card_service.kit.db.database import Database
from card_service.kit.wire import encode
from card_service.tenants.keys import ApiKey, CreateKey, create_key, list_keys, revoke_key

LONGEST_LABEL = 100
_tenant_option = click.option(
    "--tenant", "tenant_id", type=click.IntRange(1, 2**63 - 1), required=True, help="The tenant's id (`tenant list`)."
)


@click.group()
def key() -> None:
    """Create, revoke and list API keys."""


@key.command()
@_tenant_option
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the key may do; no role includes another.")
@click.option("--label", default="", help="What to know the key by, such as the name of the till.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: id, role, prefix, key.")
def create(tenant_id: int, role: str, label: str, *, as_json: bool) -> None:
    """Make a key.

    It is shown this once: the database keeps only its hash.
    """
    if len(label) > LONGEST_LABEL or not label.isprintable():
        raise click.BadParameter(f"must have at most {LONGEST_LABEL} printable characters", param_hint="--label")
    settings = read_settings()
    with opened(settings) as database:
        made = new_key(key_secret(settings, database))
        key_id = database.transact(create_key, operator(tenant_id), CreateKey(role=role, label=label or f"{role} key", key=made))
    if as_json:
        click.echo(json.dumps({"id": key_id, "role": role, "prefix": made.prefix, "key": made.text}))
    else:
        click.echo(f"Key {key_id} for the role {role}, shown only now:\n  {made.text}")


@key.command()
@_tenant_option
@click.argument("which", metavar="KEY_ID_OR_PREFIX")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: id, prefix, revoked.")
def revoke(tenant_id: int, which: str, *, as_json: bool) -> None:
    """Revoke a key, at once and for good.

    KEY_ID_OR_PREFIX is as `key list` shows them.
    """
    with opened(read_settings()) as database:
        found = _find(database, tenant_id, which)
        database.transact(revoke_key, operator(tenant_id), found.id)
    if as_json:
        click.echo(json.dumps({"id": found.id, "prefix": found.prefix, "revoked": True}))
    else:
        click.echo(f"Key {found.id} ({found.prefix}, {found.role}) is revoked.")


@key.command(name="list")
@_tenant_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: items.")
def list_(tenant_id: int, *, as_json: bool) -> None:
    """List a tenant's keys.

    Revoked ones too; never the keys themselves.
    """
    with opened(read_settings()) as database:
        found = database.read(list_keys, operator(tenant_id))
    if as_json:
        click.echo(encode({"items": found}))
        return
    for one in found:
        state = f"revoked {one.revoked_at:%Y-%m-%d}" if one.revoked_at else "in force"
        click.echo(f"{one.id:6}  {one.prefix}  {one.role:8}  {state:18}  {one.label}")
    if not found:
        click.echo(f"There is no key of tenant {tenant_id}; `card-service tenant list` shows the tenants.", err=True)


def _find(database: Database, tenant_id: int, which: str) -> ApiKey:
    """Find the key that is in force; a whole key pasted by mistake is known by its prefix."""
    prefix = prefix_of(which) or which
    for one in database.read(list_keys, operator(tenant_id)):
        if one.revoked_at is None and prefix in {str(one.id), one.prefix, f"csk_{one.prefix}"}:
            return one
    raise Failure(f"Tenant {tenant_id} has no such key in force: `card-service key list --tenant {tenant_id}` shows them.")
