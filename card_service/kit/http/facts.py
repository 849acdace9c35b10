"""A field of free facts: names with texts, numbers or booleans, for people to read; nothing is worked out of them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields

MOST_FACTS, LONGEST_TEXT = 50, 500
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,49}\Z")
_NUMBER_DIGITS = 20
DESCRIPTION: dict[str, Any] = {
    "type": "object",
    "maxProperties": MOST_FACTS,
    "propertyNames": {"pattern": "^[A-Za-z][A-Za-z0-9_]{0,49}$"},
    "additionalProperties": {"type": ["string", "number", "boolean"], "maxLength": LONGEST_TEXT},
}


class Facts(fields.Field[dict[str, Any]]):
    """At most 50 names of letters, digits and `_`, each with a printable text of up to 500 characters, a number or a flag."""

    def __init__(self, **kwargs: Any) -> None:
        """Describe itself to OpenAPI."""
        super().__init__(metadata=DESCRIPTION, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> dict[str, Any]:  # noqa: ARG002
        if not isinstance(value, dict) or len(value) > MOST_FACTS:
            raise ValidationError(f"Must be an object of at most {MOST_FACTS} names.")
        for name, fact in value.items():
            if not _NAME.match(name):
                raise ValidationError("Names must have 1 to 50 letters, digits and _, a letter first.")
            if not _is_fact(fact):
                raise ValidationError(f"Must be printable texts of up to {LONGEST_TEXT} characters, numbers or booleans.")
        return value


def _is_fact(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and (value.isprintable())
    if isinstance(value, Decimal):
        return value.is_finite() and abs(value.adjusted()) < _NUMBER_DIGITS and len(value.as_tuple().digits) <= _NUMBER_DIGITS
    return isinstance(value, (bool, int))
