"""A strict reader of JSON bodies, before any schema sees them (docs/reliability.md, inputs).

Without it a number of 5,000 digits or 30,000 brackets is an error of the server, and the second of two equal keys
wins in silence.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from card_service.kit.errors import BodyTooLarge, Malformed, UnsupportedMediaType, ValidationFailed

MAX_BYTES = 64 * 1024
MAX_DEPTH = 16
MAX_DIGITS = 20
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")


def read_json(data: bytes, content_type: str | None) -> Any:
    """Parse a body; an empty one is an empty object. Numbers with a point come back as Decimal."""
    if len(data) > MAX_BYTES:
        raise BodyTooLarge
    if not data:
        return {}
    media = (content_type or "").split(";")[0].strip().lower()
    if media != "application/json" and not (media.startswith("application/") and media.endswith("+json")):
        raise UnsupportedMediaType
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        detail = "The body is not UTF-8"
        raise Malformed(detail) from error
    _check_depth(text)
    try:
        value = json.loads(
            text,
            parse_int=_integer,
            parse_float=_decimal,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        detail = f"The body is not well-formed JSON: {error}" if isinstance(error, json.JSONDecodeError) else ""
        raise Malformed(detail) from error
    if "\\u" in text or "\x00" in text:
        _check_text(value)
    return value


def _check_depth(text: str) -> None:
    """Count brackets before the parser does; those inside strings do not count."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            detail = f"The body is nested deeper than {MAX_DEPTH}"
            raise Malformed(detail)


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        detail = f"A whole number has more than {MAX_DIGITS} digits"
        raise Malformed(detail)
    return int(digits)


def _decimal(text: str) -> Decimal:
    if len(text) > 2 * MAX_DIGITS:
        detail = f"A number has more than {2 * MAX_DIGITS} characters"
        raise Malformed(detail)
    try:
        return Decimal(text)
    except InvalidOperation as error:
        detail = "A number has an exponent that no number needs"
        raise Malformed(detail) from error


def _constant(name: str) -> NoReturn:
    raise ValidationFailed(detail=f"{name} is not a number that can be sent")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        detail = "A name stands twice in one object"
        raise Malformed(detail)
    return found


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
            detail = "Text holds a NUL or half of a surrogate pair"
            raise Malformed(detail)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name)
            _check_text(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner)
