"""Fields that take exactly what they say: marshmallow's own round, coerce and accept more than we can allow.

`Decimal(places=2)` rounds 10.005 in silence and takes full-width digits; `Integer()` makes 1 of 1.9.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, ValidationError, fields

from card_service.kit.http.together import Rule
from card_service.kit.money import MAX_AMOUNT
from card_service.kit.wire import camel

MAX_ID = 2**63 - 1
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?\Z")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_LAST_YEAR = 9000


class Document(Schema):
    """A request or an answer: camelCase names, unknown fields refused.

    `together` are rules about several fields, for the OpenAPI document.
    """

    together: ClassVar[tuple[Rule, ...]] = ()

    class Meta:
        """Refuse what is not known, so that a misspelt field is not silently ignored."""

        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Name the field as the wire does."""
        field_obj.data_key = field_obj.data_key or camel(field_name)


class Exact(fields.Field[Decimal]):
    """A decimal number with at most `places` decimals, sent as a JSON number or as text."""

    def __init__(
        self,
        *,
        places: int = 2,
        low: Decimal | None = None,
        high: Decimal = MAX_AMOUNT,
        above: Decimal | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the bounds: `low` and `high` may be met, `above` must be passed."""
        super().__init__(**kwargs)
        self.places, self.low, self.high, self.above = places, low, high, above

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Decimal:  # noqa: ARG002
        if (isinstance(value, str) and _DECIMAL.match(value)) or (isinstance(value, int) and not isinstance(value, bool)):
            value = Decimal(value)
        if not isinstance(value, Decimal) or not value.is_finite():
            message = "Must be a number."
            raise ValidationError(message)
        if value.adjusted() > 20 or value > self.high:  # noqa: PLR2004 - before anything is multiplied out
            message = f"Must be at most {self.high}."
            raise ValidationError(message)
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.places:
            message = f"Must have at most {self.places} decimals."
            raise ValidationError(message)
        if self.low is not None and value < self.low:
            message = f"Must be at least {self.low}."
            raise ValidationError(message)
        if self.above is not None and value <= self.above:
            message = f"Must be greater than {self.above}."
            raise ValidationError(message)
        return abs(value).quantize(Decimal(1).scaleb(-self.places)) * (-1 if value < 0 else 1)


def money(**kwargs: Any) -> Exact:
    """Make a field of money: not negative, at most 9999999999.99."""
    return Exact(low=Decimal(0), **kwargs)


def signed_points(**kwargs: Any) -> Exact:
    """Make a field of points that may be taken as well as given."""
    return Exact(low=-MAX_AMOUNT, **kwargs)


def percent(**kwargs: Any) -> Exact:
    """Make a field of a percentage, 0 to 100."""
    return Exact(low=Decimal(0), high=Decimal(100), **kwargs)


class Whole(fields.Field[int]):
    """A whole number; 1.0, "1" and true are none."""

    def __init__(self, *, low: int = 1, high: int = MAX_ID, **kwargs: Any) -> None:
        """Take the bounds, both of which may be met."""
        super().__init__(**kwargs)
        self.low, self.high = low, high

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:  # noqa: ARG002
        if not isinstance(value, int) or isinstance(value, bool):
            message = "Must be a whole number."
            raise ValidationError(message)
        if not self.low <= value <= self.high:
            message = f"Must be from {self.low} to {self.high}."
            raise ValidationError(message)
        return value


class QueryWhole(Whole):
    """A whole number in a query string, where everything is text."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19):  # noqa: PLR2004
            message = "Must be a whole number."
            raise ValidationError(message)
        return super()._deserialize(int(value), attr, data, **kwargs)


class Flag(fields.Field[bool]):
    """True or false, and nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:  # noqa: ARG002
        if not isinstance(value, bool):
            message = "Must be true or false."
            raise ValidationError(message)
        return value


class Text(fields.Field[str]):
    """Printable text of 1 to `longest` characters, without spaces around it."""

    def __init__(self, *, longest: int, pattern: str | None = None, says: str = "", **kwargs: Any) -> None:
        """Take the longest length and, where only some texts will do, an anchored pattern and what it `says`."""
        super().__init__(**kwargs)
        self.longest, self.says, self.pattern_text = longest, says, pattern
        self._pattern = re.compile(pattern + r"\Z") if pattern else None

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:  # noqa: ARG002
        if not isinstance(value, str):
            message = "Must be text."
            raise ValidationError(message)
        text = value.strip()
        if not text or len(value) > self.longest:
            message = f"Must have 1 to {self.longest} characters."
            raise ValidationError(message)
        if not value.isprintable():
            message = "Must be printable characters."
            raise ValidationError(message)
        if self._pattern is not None and not self._pattern.match(value):
            raise ValidationError(self.says or "Is not of the right form.")
        return text


def cursor() -> Text:
    """Make the field of a cursor: opaque to the caller."""
    about = {"pattern": "^[A-Za-z0-9_-]+$", "description": "`nextCursor` of the page before"}
    return Text(longest=200, load_default=None, metadata=about)


class Choice(fields.Field[str]):
    """One of a few words."""

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        """Take the words."""
        super().__init__(**kwargs)
        self.choices: Sequence[str] = choices

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:  # noqa: ARG002
        if not isinstance(value, str) or value not in self.choices:
            message = f"Must be one of: {', '.join(self.choices)}."
            raise ValidationError(message)
        return value


class Instant(fields.Field[datetime]):
    """An RFC 3339 instant, which always says its zone."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:  # noqa: ARG002
        message = "Must be an instant such as 2026-01-31T18:30:00Z."
        if not isinstance(value, str) or not _INSTANT.match(value):
            raise ValidationError(message)
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise ValidationError(message) from error


class Day(fields.Field[date]):
    """A date such as 2026-01-31."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> date:  # noqa: ARG002
        message = "Must be a date such as 2026-01-31."
        if not isinstance(value, str) or not _DAY.match(value):
            raise ValidationError(message)
        try:
            day = date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(message) from error
        if not 1900 <= day.year <= _LAST_YEAR:  # noqa: PLR2004
            message = f"Must lie between 1900 and {_LAST_YEAR}."
            raise ValidationError(message)
        return day


def describe(field: fields.Field[Any], **_: Any) -> dict[str, Any]:
    """Tell OpenAPI what a field takes; what its `metadata` says wins."""
    return _form(field, nullable=field.allow_none) | dict(field.metadata)


def further(schema: type[Schema]) -> dict[str, Any]:
    """Tell OpenAPI what a schema says as a whole."""
    said: dict[str, Any] = {"description": " ".join((schema.__doc__ or "").split())}
    if rules := getattr(schema, "together", ()):
        said["allOf"] = list(rules)
    return said


def _form(field: fields.Field[Any], *, nullable: bool) -> dict[str, Any]:  # noqa: PLR0911 - a table, a row a kind
    if isinstance(field, Exact):
        bounds: dict[str, Any] = {"maximum": float(field.high)}
        if field.low is not None:
            bounds["minimum"] = float(field.low)
        if field.above is not None:
            bounds["exclusiveMinimum"] = float(field.above)
        return _typed("number", nullable=nullable, multipleOf=float(Decimal(1).scaleb(-field.places)), **bounds)
    if isinstance(field, Whole):
        return _typed("integer", nullable=nullable, minimum=field.low, maximum=field.high, format="int64")
    if isinstance(field, Flag):
        return _typed("boolean", nullable=nullable)
    if isinstance(field, Text):
        extra = {"pattern": f"^{field.pattern_text}$"} if field.pattern_text else {}
        return _typed("string", nullable=nullable, minLength=1, maxLength=field.longest, **extra)
    if isinstance(field, Choice):
        return _typed("string", nullable=nullable, enum=[*field.choices, *([None] if nullable else [])])
    if isinstance(field, Instant):
        return _typed("string", nullable=nullable, format="date-time")
    if isinstance(field, Day):
        years = f"(19[0-9]{{2}}|[2-8][0-9]{{3}}|{_LAST_YEAR})"
        return _typed("string", nullable=nullable, format="date", pattern=f"^{years}-[0-9]{{2}}-[0-9]{{2}}$")
    return {}


def _typed(name: str, *, nullable: bool, **rest: Any) -> dict[str, Any]:
    return {"type": [name, "null"] if nullable else name, **rest}


FIELD_TYPES: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (Exact, "number"),
    (Whole, "integer"),
    (Flag, "boolean"),
    (Text, "string"),
    (Choice, "string"),
    (Instant, "string"),
    (Day, "string"),
)
