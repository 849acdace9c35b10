"""Column types that come back exactly as they went in, on SQLite, MariaDB and MySQL alike."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Numeric, String, Text, types
from sqlalchemy.dialects import mysql

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit key; SQLite only counts up an INTEGER PRIMARY KEY by itself."""


def ascii_text(length: int) -> types.TypeEngine[str]:
    """ASCII text compared byte for byte.

    Any other collation folds or pads: under `_ci`, `CARD001` and `card001` are one key (docs/reliability.md).
    """
    exact = mysql.VARCHAR(length, charset="ascii", collation="ascii_bin")
    return String(length).with_variant(exact, "mysql", "mariadb")


LongText = Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")
"""A document: the lines of a bill, a stored answer."""


class Exact(types.TypeDecorator[Decimal]):
    """A Decimal with a fixed number of decimals: DECIMAL on a server, a scaled integer on SQLite.

    SQLite has no decimal type: it would keep 9999999999999999.99 as a binary float and give back another number.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        """Take the digits in all and those after the point."""
        super().__init__(precision, scale)
        self.digits = precision
        self.scale = scale

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """Store hundredths where there is no DECIMAL."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(self.digits, self.scale))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Drivers take a Decimal as it is; SQLite takes its integer."""
        if dialect.name != "sqlite":
            return None
        scale = self.scale

        def to_integer(value: Decimal | None) -> int | None:
            return None if value is None else int(Decimal(value).scaleb(scale))

        return to_integer

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:  # noqa: ARG002
        """Drivers give a Decimal with the column's decimals; SQLite gives its integer."""
        if dialect.name != "sqlite":
            return None
        scale = -self.scale

        def from_integer(value: int | None) -> Decimal | None:
            return None if value is None else Decimal(value).scaleb(scale)

        return from_integer


def money() -> Exact:
    """Make the type of an amount or of points: DECIMAL(12,2)."""
    return Exact(12, 2)


def percent() -> Exact:
    """Make the type of a percentage: DECIMAL(5,2)."""
    return Exact(5, 2)


def multiplier() -> Exact:
    """Make the type of a multiplier: DECIMAL(5,2)."""
    return Exact(5, 2)


def sum_of_money() -> Exact:
    """Make the type of a sum of many amounts or points: DECIMAL(18,2)."""
    return Exact(18, 2)


def rate() -> Exact:
    """Make the type of a conversion rate: DECIMAL(10,4)."""
    return Exact(10, 4)


class UtcDateTime(types.TypeDecorator[datetime]):
    """An instant in UTC to the microsecond; refuses a datetime that does not say its zone.

    DATETIME(6), never TIMESTAMP, which ends in 2038, and never a plain DATETIME, which MariaDB truncates
    and MySQL rounds into the next day.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """Ask the servers for microseconds."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(26))
        return dialect.type_descriptor(mysql.DATETIME(fsp=6))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:  # noqa: ARG002 - text for all
        """Turn an aware datetime into the text that every database takes."""
        return _to_column

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:  # noqa: ARG002
        """Turn what the database stores into an aware datetime."""

        def from_column(value: str | datetime | None) -> datetime | None:
            if value is None:
                return None
            if isinstance(value, str):
                value = datetime.fromisoformat(value)
            return value.replace(tzinfo=UTC)

        return from_column


@lru_cache(maxsize=256)
def _to_column(value: datetime | None) -> str | None:
    """Write an instant as the database takes it; a posting writes the same one a dozen times."""
    if value is None:
        return None
    if value.tzinfo is None:
        msg = "a datetime without a zone cannot be stored"
        raise ValueError(msg)
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
