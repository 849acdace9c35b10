"""Answers as bytes: frozen results in, JSON out, with amounts as numbers that keep their two decimals."""

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec

JSON = "application/json"
Raw = msgspec.Raw
"""JSON that is already written, to stand inside an answer as it is."""
_encoder = msgspec.json.Encoder(decimal_format="number")
CAME_LATER = {"came later": True}
"""Metadata of a field that a command gained when answers to commands without it were stored already (`canonical`)."""


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
    """Write a validated command so that two requests that mean the same give the same bytes.

    Stored answers are found by a hash of these bytes, for ever: a command never loses, renames or moves a field, and one that
    it gains is marked CAME_LATER, which leaves it out while it has its default.
    """
    return msgspec.json.encode(_without_defaults(command))


def _without_defaults(command: Any) -> Any:
    left_out: dict[str, Any] = {}
    kind: Any = type(command)
    for name, later, default in _fields_of(kind):
        value = getattr(command, name)
        if later and value == default:
            left_out[name] = msgspec.UNSET
        elif (within := _without_defaults(value)) is not value:
            left_out[name] = within
    return dataclasses.replace(command, **left_out) if left_out else command


@cache
def _fields_of(kind: type) -> tuple[tuple[str, bool, Any], ...]:
    """Name the fields of a command, whether they came later, and their defaults; anything else has none."""
    if not dataclasses.is_dataclass(kind):
        return ()
    return tuple((one.name, CAME_LATER.items() <= one.metadata.items(), one.default) for one in dataclasses.fields(kind))


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
