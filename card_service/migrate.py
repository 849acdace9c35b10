"""Bringing a database to the newest migration, and telling whether it is there."""

import secrets
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, select

import migrations
from card_service.kit.context import utc_now
from card_service.models.tenants import service_secrets

KEY_SECRET, CARD_NUMBER_SECRET = "api_key_hash", "card_numbers"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = connection
    return config


@cache
def head_revision() -> str:
    """Name the newest migration of this code."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        msg = "there are no migrations beside this code"
        raise RuntimeError(msg)
    return head


def known_revisions() -> frozenset[str]:
    """Name every migration of this code."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def current_revision(engine: Engine) -> str | None:
    """Name the migration that the database is at, None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate, and make the secrets that were not given; safe to run again and while the service runs."""
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql("SET SESSION lock_wait_timeout=5")
        command.upgrade(_config(connection), revision)
        connection.commit()
    with engine.begin() as connection:
        known = {name for (name,) in connection.execute(select(service_secrets.c.name))}
        for name in {KEY_SECRET, CARD_NUMBER_SECRET} - known:
            connection.execute(service_secrets.insert().values(name=name, secret=secrets.token_hex(32), created_at=utc_now()))


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to a revision, `base` for an empty database; for tests and for the brave."""
    with engine.connect() as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()


def secrets_of(engine: Engine) -> dict[str, str]:
    """Read the secrets that `db upgrade` made."""
    with engine.connect() as connection:
        rows = connection.execute(select(service_secrets.c.name, service_secrets.c.secret))
        return {row.name: row.secret for row in rows}
