"""The wrong values of each kind of field that a body may have."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import Schema, fields

from card_service.cards.fields import Email, Phone
from card_service.kit.http.facts import Facts
from card_service.kit.http.fields import Choice, Day, Exact, Flag, Instant, Text, Whole
from tests.guards import corpus

MAY_BE_EMPTY = {"weekdays", "tierIds", "segments", "categoryIds"}
"""Lists of a campaign: nothing in them is everything."""
MOST_TO_SHARE = 4


class Turns:
    """Deals the wrong values of a kind out among the fields of that kind: a route meets every value, a field some."""

    def __init__(self, all_fields: Iterable[fields.Field[Any]]) -> None:
        self._many = Counter(type(field) for field in all_fields)
        self._turn: Counter[type] = Counter()

    def of(self, field: fields.Field[Any]) -> tuple[str, ...]:
        """Give the next field of this kind its share."""
        turn = self._turn[type(field)]
        self._turn[type(field)] += 1
        return wrong_values(field)[turn % MOST_TO_SHARE :: min(self._many[type(field)], MOST_TO_SHARE)]


def leaves(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], fields.Field[Any]]]:
    """Give each field of a body, also those inside its lists, with the names that lead to it."""
    for field in schema.fields.values():
        name = str(field.data_key)
        yield (*path, name), field
        if isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            yield from leaves(field.inner.schema, (*path, name))


def wrong_values(field: fields.Field[Any]) -> tuple[str, ...]:
    """Give JSON that a field must refuse; `null` is one unless the field may be left empty."""
    nothing = () if field.allow_none else ("null",)
    if isinstance(field, fields.List):
        return _no_lists(field) + nothing
    for kind, values in (
        (Whole, corpus.NO_IDS if getattr(field, "low", 1) == 1 else corpus.NO_NUMBERS),
        (Exact, corpus.NO_MONEY if getattr(field, "low", None) == 0 else corpus.NO_NUMBERS),
        (Flag, corpus.NO_FLAGS),
        (Choice, corpus.NO_CHOICES),
        (Day, corpus.NO_DAYS),
        (Instant, _no_instants(field)),
        (Facts, corpus.NO_FACTS),
        ((Phone, Email), corpus.NO_CARD_NUMBERS[:-6]),
    ):
        if isinstance(field, kind):
            return values + nothing
    assert isinstance(field, Text), f"{field.data_key} is of a kind that has no wrong values yet"
    words = corpus.NO_CARD_NUMBERS if "umber" in str(field.data_key) and field.longest == 50 else corpus.NO_TEXT
    return (*words, json.dumps("x" * (field.longest + 1)), *nothing)


def _no_lists(field: fields.List[Any]) -> tuple[str, ...]:
    right, more = set[str](), tuple[str, ...]()
    if isinstance(field.inner, fields.Nested):
        may_be_empty = getattr(field.validate, "min", None) is None
    else:
        may_be_empty = str(field.data_key) in MAY_BE_EMPTY
    if may_be_empty:
        right.add("[]")
    if isinstance(field.inner, Whole):
        # A list of ids: [1] is one.
        right.add("[1]")
        more = ("[0]", "[1.0]", '["1"]')
    elif isinstance(field.inner, Text):
        # A list of labels: ["x"] is one.
        right.add('["x"]')
        more = ('["X"]', '["x","x"]', "[1]")
    return (*(value for value in corpus.NO_LISTS if value not in right), *more)


def _no_instants(field: fields.Field[Any]) -> tuple[str, ...]:
    """What runs may have begun long ago, and end in a thousand years: only a bill must have happened lately."""
    if field.data_key not in {"startsAt", "endsAt"}:
        return corpus.NO_INSTANTS
    return tuple(value for value in corpus.NO_INSTANTS if not re.match(r'"(1970|9000)-', value))


def is_plain(value: str) -> bool:
    """Whether this is JSON that can be read, so that only the one bill is wrong and not the whole batch."""
    return value not in {"NaN", "Infinity", "-Infinity", "1e99999999999999999999"} and not re.search(r"\\ud800|\\u0000", value)
