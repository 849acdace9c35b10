"""Rules about several fields of one body, as JSON Schema says them: for the OpenAPI document only.

The bodies check them themselves, with messages; a null is as good as a field that was not sent.
"""

from itertools import combinations
from typing import Any

Rule = dict[str, Any]


def given(name: str) -> Rule:
    """Require a field that is not null."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def exactly_one(*names: str) -> Rule:
    """Require one of these fields, and no second."""
    return {"oneOf": [given(name) for name in names]}


def at_most_one(*names: str) -> Rule:
    """Refuse a second of these fields."""
    pairs: list[Rule] = [{"anyOf": [_absent(first), _absent(second)]} for first, second in combinations(names, 2)]
    return pairs[0] if len(pairs) == 1 else {"allOf": pairs}


def needs(name: str, other: str) -> Rule:
    """Require a field where another is sent."""
    return {"anyOf": [_absent(name), given(other)]}


def _absent(name: str) -> Rule:
    return {"properties": {name: {"type": "null"}}}
