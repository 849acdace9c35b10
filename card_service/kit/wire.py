"""Answers as bytes: frozen results in, JSON out, with amounts as numbers that keep their two decimals."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

JSON = "application/json"
Raw = msgspec.Raw
"""JSON that is already written, to stand inside an answer as it is."""
_encoder = msgspec.json.Encoder(decimal_format="number")


class Answer(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A result that can be sent: snake_case in Python, camelCase on the wire, Decimals as JSON numbers."""


def camel(name: str) -> str:
    """Turn a snake_case name into the camelCase of the wire."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def encode(result: object) -> str:
    """Write a result as JSON; the same result always gives the same text."""
    return _encoder.encode(result).decode()


def canonical(command: object) -> bytes:
    """Write a validated command so that two requests that mean the same give the same bytes."""
    return msgspec.json.encode(command)


def instant(value: datetime) -> str:
    """RFC 3339 in UTC, as the answers write it."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """Turn a row into what a stored document can hold: exact text for amounts and instants."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return value
