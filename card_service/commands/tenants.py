"""`card-service tenant`: the pharmacies that this service serves."""

import json
from collections.abc import Iterator

import click

from card_service.commands.connection import key_secret, opened, operator, read_settings
from card_service.commands.tenant_apply_expiry import apply_expiry_
from card_service.commands.tenant_export import export
from card_service.commands.tenant_recalculate_tiers import recalculate_tiers
from card_service.kit.auth.caller import ROLES
from card_service.kit.auth.keys import new_key
from card_service.kit.db.database import Database
from card_service.kit.wire import encode
from card_service.tenants.create import CreateTenant, create_tenant
from card_service.tenants.list import Tenant, tenants_after

LONGEST_NAME = 200


@click.group()
def tenant() -> None:
    """Create, list and export tenants, the pharmacies."""


tenant.add_command(export)
tenant.add_command(apply_expiry_)
tenant.add_command(recalculate_tiers)


@tenant.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: tenantId, keys (admin, cashier, billing).")
def create(name: str, *, as_json: bool) -> None:
    """Create a tenant and its API keys.

    NAME is the pharmacy's; it gets the default configuration and a key for each role. The keys are shown this once:
    the database keeps only their hashes. The card system of a new tenant is switched off; its admin switches it on
    with POST /api/v1/card-config/enable.
    """
    name = name.strip()
    if not (1 <= len(name) <= LONGEST_NAME and name.isprintable()):
        raise click.BadParameter(f"must have 1 to {LONGEST_NAME} printable characters", param_hint="NAME")
    settings = read_settings()
    with opened(settings) as database:
        secret = key_secret(settings, database)
        keys = {role: new_key(secret) for role in ROLES}
        made = database.transact(create_tenant, operator(), CreateTenant(name=name, keys=keys))
    if as_json:
        click.echo(json.dumps({"tenantId": made.tenant_id, "keys": made.keys}))
        return
    click.echo(f"Tenant {made.tenant_id}, {name}. Its API keys, shown only now:")
    for role, key in made.keys.items():
        click.echo(f"  {role:8} {key}")


@tenant.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: items (id, name, createdAt).")
def list_(*, as_json: bool) -> None:
    """List all tenants."""
    with opened(read_settings()) as database:
        found = list(all_tenants(database))
    if as_json:
        click.echo(encode({"items": found}))
        return
    for one in found:
        click.echo(f"{one.id:6}  {one.created_at:%Y-%m-%d}  {one.name}")
    if not found:
        click.echo("There is no tenant yet: `card-service tenant create NAME` makes one.", err=True)


def all_tenants(database: Database) -> Iterator[Tenant]:
    """Give every tenant, read a few hundred at a time."""
    after = 0
    while page := database.read(tenants_after, operator(), after):
        yield from page
        after = page[-1].id
