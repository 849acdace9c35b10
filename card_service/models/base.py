"""The one MetaData that all tables belong to, and the columns many of them share."""

from typing import Any

from sqlalchemy import BigInteger, Column, MetaData

from card_service.kit.db.types import BigId, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

SERVER_OPTIONS: Any = {
    "mysql_engine": "InnoDB",
    "mysql_charset": "utf8mb4",
    "mariadb_engine": "InnoDB",
    "mariadb_charset": "utf8mb4",
    "sqlite_autoincrement": True,
}
"""SQLite must not hand out the id of a deleted row again, as the servers do not."""


def key() -> Column[int]:
    """Make a surrogate key counted up by the database."""
    return Column("id", BigId, primary_key=True, autoincrement=True)


def tenant_key() -> Column[int]:
    """Make the column that says whose row it is."""
    return Column("tenant_id", BigInteger, nullable=False)


def instant(name: str, *, nullable: bool = False) -> Column[object]:
    """Make a column for an instant, UTC to the microsecond."""
    return Column(name, UtcDateTime(), nullable=nullable)
