"""The settings and the database of a command."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.engine import make_url

from card_service import migrate
from card_service.commands.failure import UPGRADE, Failure
from card_service.kit.context import Context, utc_now
from card_service.kit.db.database import Database
from config import logging
from config.settings import Settings

NOBODY = 0
"""No tenant's id: for statements across tenants."""


def read_settings() -> Settings:
    """Read the settings and send logs to stderr."""
    settings = Settings.from_environment()
    logging.configure(settings.log_level)
    return settings


@contextlib.contextmanager
def opened(settings: Settings, *, migrated: bool = True) -> Iterator[Database]:
    """Give the database and close it afterwards; with `migrated`, only one that is at the newest migration."""
    file = sqlite_file(settings)
    # Looking must not make an empty file.
    if migrated and file is not None and not file.is_file():
        raise Failure(f"There is no database at {file} yet: {UPGRADE}.")
    database = Database(settings.database_url, pool_size=settings.database_pool_size)
    try:
        if migrated:
            require_head(database)
        yield database
    finally:
        database.engine.dispose()


def require_head(database: Database) -> None:
    """Refuse a database that is not at the newest migration of this code."""
    current, head = migrate.current_revision(database.engine), migrate.head_revision()
    if current is None:
        raise Failure(f"The database is not migrated: {UPGRADE}.")
    if current not in migrate.known_revisions():
        raise Failure(f"The database is at migration {current}, which this version does not know: install a newer version.")
    if current != head:
        raise Failure(f"The database is at migration {current}, this version needs {head}: {UPGRADE}.")


def sqlite_file(settings: Settings) -> Path | None:
    """Name the SQLite file, None for another kind of database."""
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return None
    return Path(url.database).absolute()


def operator(tenant_id: int = NOBODY) -> Context:
    """Make the context of a command: the operator at the command line."""
    return Context(tenant_id=tenant_id, performed_by="operator", now=utc_now())


def key_secret(settings: Settings, database: Database) -> bytes:
    """Give the secret under which API keys are hashed: the one set, else the one that `db upgrade` made."""
    return (settings.key_secret or migrate.secrets_of(database.engine)[migrate.KEY_SECRET]).encode()
