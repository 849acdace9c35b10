"""Answers kept for retries: the natural keys and the Idempotency-Key header (docs/contract.md section 5)."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from .answers import Answer, Body
from .arithmetic import exact

AMOUNTS = {"amount", "billAmount", "points", "redeemAmount", "flatDiscount"}
Key = tuple[object, ...]


class StoredAnswers:
    """2xx answers by key, each with what was asked, so that the same question is told from another."""

    def __init__(self) -> None:
        """Start with nothing kept."""
        self._kept: dict[Key, tuple[object, Body]] = {}

    def has(self, key: Key) -> bool:
        """Whether an answer is kept under this key, whatever was asked."""
        return key in self._kept

    def forget(self, key: Key) -> None:
        """Let a question be asked afresh."""
        self._kept.pop(key, None)

    def again(self, key: Key, question: Body) -> Answer | None:
        """The kept answer when the very same was asked before."""
        if key in self._kept and self._kept[key][0] == _canonical(question):
            return Answer(200, self._kept[key][1], replayed=True)
        return None

    def first(self, key: Key, question: Body, use_case: Callable[[], Body]) -> Answer:
        """Answer for the first time, and keep the answer unless the key is taken."""
        answer = use_case()
        self._kept.setdefault(key, (_canonical(question), answer))
        return Answer(200, answer)


def _canonical(value: Any, name: str = "") -> object:
    """What a body means: 1, 1.00 and "1.00" are the same amount, and a line that is eligible need not say so.

    The item of a return would say something with it; no history does.
    """
    if isinstance(value, dict):
        return {key: _canonical(part, key) for key, part in value.items() if (key, part) != ("loyaltyEligible", True)}
    if isinstance(value, list):
        return [_canonical(part) for part in value]
    return Fraction(exact(value)) if name in AMOUNTS else value
