"""Bringing a database to the newest migration, and telling whether it is there.

Every process tells; only a few migrate. So Alembic is loaded by those: it takes as long as SQLAlchemy.
"""

# ruff: noqa: PLC0415 - see above

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, column, inspect, select, table

import migrations
from card_service.kit.context import utc_now
from card_service.kit.db.engine import build_engine
from card_service.models.tenants import service_secrets

if TYPE_CHECKING:
    from alembic.config import Config

KEY_SECRET, CARD_NUMBER_SECRET = "api_key_hash", "card_numbers"
_FOLDER = Path(migrations.__file__).parent
_at = table("alembic_version", column("version_num"))


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    return config


@cache
def head_revision() -> str:
    """Name the newest migration of this code; a test holds the file to what Alembic finds."""
    return (_FOLDER / ".current-alembic-head").read_text().strip()


def known_revisions() -> frozenset[str]:
    """Name every migration of this code."""
    from alembic.script import ScriptDirectory

    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def current_revision(engine: Engine) -> str | None:
    """Name the migration that the database is at, None for an empty one."""
    with engine.connect() as connection:
        found: str | None = connection.scalar(select(_at.c.version_num)) if inspect(connection).has_table(_at.name) else None
        return found


@contextmanager
def _patient(engine: Engine) -> Iterator[Connection]:
    """Connect to the same database without the limits of the service: a large table takes its time."""
    own = build_engine(engine.url, pool_size=1, migrating=True)
    try:
        with own.connect() as connection:
            yield connection
    finally:
        own.dispose()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate, and make the secrets that were not given; safe to run again and while the service runs."""
    from alembic import command

    with _patient(engine) as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()
    with engine.begin() as connection:
        known = {name for (name,) in connection.execute(select(service_secrets.c.name))}
        for name in {KEY_SECRET, CARD_NUMBER_SECRET} - known:
            connection.execute(service_secrets.insert().values(name=name, secret=secrets.token_hex(32), created_at=utc_now()))


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to a revision, `base` for an empty database; for tests and for the brave."""
    from alembic import command

    with _patient(engine) as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()


def secrets_of(engine: Engine) -> dict[str, str]:
    """Read the secrets that `db upgrade` made."""
    with engine.connect() as connection:
        rows = connection.execute(select(service_secrets.c.name, service_secrets.c.secret))
        return {row.name: row.secret for row in rows}
