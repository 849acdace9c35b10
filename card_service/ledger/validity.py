"""From when to when the points of a new lot count."""

from dataclasses import dataclass
from datetime import datetime

POLICY, ACTIVITY, HAND = "POLICY", "ACTIVITY", "HAND"
"""Whence a lot has its date: the policy in force when it was made, its card's activity, or a person or rule that named it."""


@dataclass(frozen=True, slots=True)
class Validity:
    """The points of a lot are pending until `available_at` (None: available at once), and expire at `expires_at` (None: never).

    A lot `dated_by` ACTIVITY expires with its card's `active_until` instead. It keeps a card active that was not: at
    least until `active_until`, if the card's own has ended before the points become available.
    """

    available_at: datetime | None = None
    expires_at: datetime | None = None
    active_until: datetime | None = None
    dated_by: str = POLICY

    @property
    def follows_activity(self) -> bool:
        """Whether the card's activity says when it expires."""
        return self.dated_by == ACTIVITY


FOR_EVER = Validity()
"""At once, and without an end."""
