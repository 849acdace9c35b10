"""The `card-service` command: the list of what an operator can do."""

from importlib import import_module
from typing import Any

import click

from card_service.commands.failure import explained

COMMANDS = {
    "audit": "audit",
    "db": "db",
    "demo": "demo",
    "jobs": "jobs",
    "key": "keys",
    "members": "members",
    "openapi": "openapi",
    "serve": "serve",
    "tenant": "tenants",
    "user": "users",
    "worker": "worker",
}
"""The commands by their names, and the module of each."""


class _Commands(click.Group):
    """Loads a command when it is called, for all together take a second; tells a person's mistakes in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"card_service.commands.{COMMANDS[cmd_name]}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        with explained():
            return super().invoke(ctx)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="card-service")
def main() -> None:
    """Loyalty cards of a pharmacy group: points earned, redeemed and returned, exact to the paisa.

    Works on the database named by CARD_SERVICE_DATABASE_URL, an SQLite file if that is not set. Results go to
    stdout, everything else to stderr. Exit code: 0 done, 1 could not be done, 2 wrong usage.
    """
