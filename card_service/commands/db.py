"""`card-service db`: the schema of the database."""

import json

import click

from card_service import migrate
from card_service.commands.connection import opened, read_settings, sqlite_file
from card_service.commands.failure import Failure


@click.group()
def db() -> None:
    """Create and migrate the database.

    The one that CARD_SERVICE_DATABASE_URL names.
    """


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: from, to.")
def upgrade(*, as_json: bool) -> None:
    """Bring the database to the newest migration.

    Creates the tables of an empty database, and the secrets that no setting gives. Safe to run again, and while
    the service runs. On MariaDB use the migration user, which may change tables (docs/operations.md).
    """
    settings = read_settings()
    with opened(settings, migrated=False) as database:
        before = migrate.current_revision(database.engine)
        if before is not None and before not in migrate.known_revisions():
            raise Failure(f"The database is at migration {before}, which this version does not know: install a newer version.")
        migrate.upgrade(database.engine)
        after = migrate.current_revision(database.engine)
    if as_json:
        click.echo(json.dumps({"from": before, "to": after}))
    elif before == after:
        click.echo(f"The database is at migration {after} already.")
    else:
        click.echo(f"The database is at migration {after} now.")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: current, head.")
def current(*, as_json: bool) -> None:
    """Show the migration of the database.

    And the newest that there is.
    """
    settings, found = read_settings(), None
    file = sqlite_file(settings)
    # Looking must not make an empty file.
    if file is None or file.is_file():
        with opened(settings, migrated=False) as database:
            found = migrate.current_revision(database.engine)
    head = migrate.head_revision()
    if as_json:
        click.echo(json.dumps({"current": found, "head": head}))
    else:
        click.echo(f"{found or 'empty'} (newest: {head})")


@db.command()
@click.argument("revision")
@click.confirmation_option(prompt="This drops tables or columns and what is in them. Go on?")
def downgrade(revision: str) -> None:
    """Go back to an older migration.

    REVISION is one of `db current`'s kind, or "base" for an empty database. What the later migrations have added is
    lost.
    """
    with opened(read_settings()) as database:
        if revision != "base" and revision not in migrate.known_revisions():
            raise Failure(f"There is no migration {revision}: there are {', '.join(sorted(migrate.known_revisions()))}.")
        migrate.downgrade(database.engine, revision)
    click.echo(f"The database is at migration {revision} now.")
