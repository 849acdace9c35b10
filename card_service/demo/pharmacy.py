"""The demo pharmacy in a database: made once, found again ever after."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from card_service.demo import keys_file, shop
from card_service.demo.keys_file import DemoKeys
from card_service.demo.people import add_people
from card_service.demo.seed import seed
from card_service.kit.auth.caller import ROLES
from card_service.kit.auth.keys import new_key, prefix_of
from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.tenants.create import CreateTenant, create_tenant
from card_service.tenants.keys import CreateKey, create_key, list_keys
from card_service.tenants.list import Tenant, tenants_after
from card_service.users.list import list_people

NOBODY = 0


def find_pharmacy(database: Database, path: Path, now: datetime) -> DemoKeys | None:
    """Give the keys of the demo that this database has, None if it has none whose keys are known."""
    known = keys_file.load(path)
    if known is None:
        return None
    in_force = database.read(list_keys, _operator(known.tenant_id, now))
    prefixes = {key.prefix for key in in_force if key.revoked_at is None}
    logins = {one.login for one in database.read(list_people, _operator(known.tenant_id, now))}
    # A file of a version that had no people has no passwords; the pharmacy is finished, as after an interruption.
    if not known.passwords or not known.passwords.keys() <= logins:
        return None
    return known if {prefix_of(key) for key in known.keys.values()} <= prefixes else None


def make_pharmacy(database: Database, path: Path, secret: bytes, now: datetime) -> DemoKeys:
    """Make the demo, or finish one that was interrupted or whose keys are lost, and keep its keys."""
    found = [one.id for one in _tenants(database, now) if one.name == shop.NAME]
    made = {role: new_key(secret) for role in ROLES}
    if found:
        tenant_id = found[0]
        for role, key in made.items():
            database.transact(create_key, _operator(tenant_id, now), CreateKey(role=role, label="demo", key=key))
    else:
        request = CreateTenant(name=shop.NAME, keys=made)
        tenant_id = database.transact(create_tenant, _operator(NOBODY, now), request).tenant_id
    cards = seed(database, tenant_id, now)
    passwords = add_people(database, tenant_id, secret, now)
    keys = DemoKeys(tenant_id, {role: key.text for role, key in made.items()}, cards[0].card_number, passwords)
    keys_file.save(path, keys)
    return keys


def welcome(keys: DemoKeys, url: str) -> str:
    """Say where the demo is and how to talk to it."""
    body = f'{{"cardNumber": "{keys.card_number}", "items": [{{"categoryId": 2, "amount": 450.00}}]}}'
    call = (
        f"curl -s {url}/api/v1/internal/cards/calculate -H 'Authorization: Bearer {keys.keys['cashier']}'"
        f" -H 'Content-Type: application/json' -d '{body}'"
    )
    return "\n".join(
        (
            f"{shop.NAME} (tenant {keys.tenant_id}) has {len(shop.CUSTOMERS)} cards and six weeks of bills.",
            f"  Counter            {url}/counter",
            *(f"    sign in as {login:13} password {password}" for login, password in keys.passwords.items()),
            f"  Interactive page   {url}/docs",
            *(f"  {role.capitalize():8} API key   {key}" for role, key in keys.keys.items()),
            "  What a bill would cost and earn, to be pasted into another terminal:",
            call,
        )
    )


def _operator(tenant_id: int, now: datetime) -> Context:
    return Context(tenant_id=tenant_id, performed_by="demo", now=now)


def _tenants(database: Database, now: datetime) -> Iterator[Tenant]:
    after = 0
    while page := database.read(tenants_after, _operator(NOBODY, now), after):
        yield from page
        after = page[-1].id
