"""What the programme of a card decides: whether the card earns, and whether tiers apply to it."""

from dataclasses import dataclass
from datetime import date

POINTS, TIERED, HYBRID, CASH_BACK = "POINTS", "TIERED", "HYBRID", "CASH_BACK"
TYPES = (POINTS, TIERED, HYBRID, CASH_BACK)
DRAFT, ACTIVE, SUSPENDED, ARCHIVED = "DRAFT", "ACTIVE", "SUSPENDED", "ARCHIVED"
STATUSES = (DRAFT, ACTIVE, SUSPENDED, ARCHIVED)
BECOMES = {ACTIVE: (DRAFT, SUSPENDED), SUSPENDED: (ACTIVE,), ARCHIVED: (DRAFT, ACTIVE, SUSPENDED)}
"""From which statuses a programme can go to each: an archived one stays so for ever (docs/programme.md section 6)."""


@dataclass(frozen=True, slots=True)
class Program:
    """A programme as calculate and earn apply it; its days are the tenant's, both included."""

    id: int
    name: str
    type: str
    status: str
    starts_on: date | None
    ends_on: date | None
    currency: str

    def runs_on(self, day: date) -> bool:
        """Whether its cards earn on this day of the tenant."""
        begun = self.starts_on is None or self.starts_on <= day
        return self.status == ACTIVE and begun and (self.ends_on is None or day <= self.ends_on)

    @property
    def has_tiers(self) -> bool:
        """Whether tiers apply to its cards."""
        return self.type in {TIERED, HYBRID}

    @property
    def is_cash_back(self) -> bool:
        """Whether balances are shown as money too."""
        return self.type == CASH_BACK
