"""Making tenants for the tests, by the command an operator uses, in this process because there are thousands."""

import json

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
