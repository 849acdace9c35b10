"""The `card-service` command: the list of what an operator can do."""

from typing import Any

import click

from card_service.commands.audit import audit
from card_service.commands.db import db
from card_service.commands.demo import demo
from card_service.commands.failure import explained
from card_service.commands.jobs import jobs
from card_service.commands.keys import key
from card_service.commands.members import members
from card_service.commands.openapi import openapi
from card_service.commands.serve import serve
from card_service.commands.tenants import tenant
from card_service.commands.users import user
from card_service.commands.worker import worker


class _Explained(click.Group):
    """Tells a person's mistakes in one line instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        with explained():
            return super().invoke(ctx)


@click.group(cls=_Explained, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="card-service")
def main() -> None:
    """Loyalty cards of a pharmacy group: points earned, redeemed and returned, exact to the paisa.

    Works on the database named by CARD_SERVICE_DATABASE_URL, an SQLite file if that is not set. Results go to
    stdout, everything else to stderr. Exit code: 0 done, 1 could not be done, 2 wrong usage.
    """


for command in (db, tenant, key, user, members, serve, worker, jobs, demo, audit, openapi):
    main.add_command(command)
