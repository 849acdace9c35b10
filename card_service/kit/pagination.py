"""Keyset pages: each page begins after the last key of the one before, so the thousandth costs what the first does."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from card_service.kit.errors import ValidationFailed
from card_service.kit.wire import Answer

Item = TypeVar("Item")
Kind = TypeVar("Kind")
DEFAULT_LIMIT, MAX_LIMIT = 50, 200
MAX_KEY = 2**63 - 1


class Page(Answer, Generic[Item], frozen=True):
    """A page of a list; `next_cursor` asks for the next one and is None on the last."""

    items: list[Item]
    next_cursor: str | None


class _Cursor(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """The list that a cursor belongs to, and the key of the last item shown."""

    list_name: str
    key: int


_read = msgspec.json.Decoder(_Cursor)


def _encode(cursor: msgspec.Struct) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode().rstrip("=")


def _decode(decoder: msgspec.json.Decoder[Kind], cursor: str) -> Kind | None:
    try:
        return decoder.decode(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        return None


def encode_cursor(list_name: str, key: int) -> str:
    """Write a cursor: opaque, URL-safe, and good for this list only. It holds a key and nothing about a person."""
    return _encode(_Cursor(list_name, key))


def decode_cursor(list_name: str, cursor: str | None) -> int | None:
    """Read the key that a page begins after, None for the first page.

    Raises ValidationFailed for what is no cursor of this list; a cursor names rows of the caller's tenant only,
    whatever is put into it.
    """
    if cursor is None:
        return None
    found = _decode(_read, cursor)
    if found is None or found.list_name != list_name or not 0 <= found.key <= MAX_KEY:
        raise ValidationFailed({"cursor": ["Must be the nextCursor of an earlier page of this list."]})
    return found.key


def page(list_name: str, rows: Sequence[Item], limit: int, key: Callable[[Item], int]) -> Page[Any]:
    """Make a page of the rows read; reading one more than `limit` tells whether another page follows."""
    shown = list(rows[:limit])
    more = len(rows) > limit
    return Page(items=shown, next_cursor=encode_cursor(list_name, key(shown[-1])) if more else None)


class _Places(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """A list that is woven of several, and the key of the last item shown of each."""

    list_name: str
    keys: list[int]


_read_places = msgspec.json.Decoder(_Places)


def encode_places(list_name: str, keys: Sequence[int]) -> str:
    """Write a cursor of a list that is woven of several."""
    return _encode(_Places(list_name, list(keys)))


def decode_places(list_name: str, cursor: str | None, count: int) -> list[int]:
    """Read the keys that a page begins before, each the largest for the first page; raises ValidationFailed."""
    if cursor is None:
        return [MAX_KEY] * count
    found = _decode(_read_places, cursor)
    if (
        found is None
        or found.list_name != list_name
        or len(found.keys) != count
        or not all(0 <= key <= MAX_KEY for key in found.keys)
    ):
        raise ValidationFailed({"cursor": ["Must be the nextCursor of an earlier page of this list."]})
    return found.keys
