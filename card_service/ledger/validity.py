"""From when to when the points of a new lot count."""

from dataclasses import dataclass
from datetime import datetime

POLICY, ACTIVITY, HAND = "POLICY", "ACTIVITY", "HAND"
"""Whence a lot has its date: the policy in force when it was made, its card's activity, or a person or rule that named it."""


@dataclass(frozen=True, slots=True)
class Validity:
    """The points of a lot are pending until `available_at` (None: available at once), and expire at `expires_at` (None: never).

    Points `dated_by` ACTIVITY expire at the card's `active_until` if that is later.
    """

    available_at: datetime | None = None
    expires_at: datetime | None = None
    dated_by: str = POLICY

    def ends_at(self, active_until: datetime | None) -> datetime | None:
        """Tell when the points expire on a card that is active until then."""
        if self.dated_by != ACTIVITY or self.expires_at is None or active_until is None:
            return self.expires_at
        return max(self.expires_at, active_until)


FOR_EVER = Validity()
"""At once, and without an end."""
