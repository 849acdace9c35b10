"""Making tenants for the tests: by the command an operator uses, or, where there are thousands, by its use case."""

import json
from typing import Any

from click.testing import CliRunner

from tests.servers.databases import PrivateDatabase


def create_tenant(database: PrivateDatabase, name: str) -> tuple[int, dict[str, str]]:
    """Make a tenant; its id, and its API keys by role."""
    from card_service.cli import main  # noqa: PLC0415 - tests of pure rules start without loading the service

    done = CliRunner().invoke(
        main, ["tenant", "create", name, "--json"], env={"CARD_SERVICE_DATABASE_URL": database.url}, catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    made = json.loads(done.stdout)
    return made["tenantId"], made["keys"]


def create_in(app: Any, name: str) -> Any:
    """Make a tenant in the database of an application; gives its id and its keys."""
    from card_service.kit.auth.caller import ROLES  # noqa: PLC0415 - as above
    from card_service.kit.auth.keys import new_key  # noqa: PLC0415
    from card_service.kit.context import Context, utc_now  # noqa: PLC0415
    from card_service.tenants.create import CreateTenant, create_tenant  # noqa: PLC0415

    secret = app.extensions["authenticate"].key_secret
    request = CreateTenant(name, {role: new_key(secret) for role in ROLES})
    return app.extensions["database"].transact(create_tenant, Context(0, "the tests", utc_now()), request)
