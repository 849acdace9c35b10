"""What a campaign is, and what is counted of it: plain values, for the pure rules and the use cases alike."""

from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal

from card_service.kit.money import ZERO

POINTS_MULTIPLIER, CATEGORY_BONUS, FIXED_BONUS, TIER_CHALLENGE, REFERRAL = TYPES = (
    "POINTS_MULTIPLIER", "CATEGORY_BONUS", "FIXED_BONUS", "TIER_CHALLENGE", "REFERRAL",
)  # fmt: skip
MULTIPLIERS = frozenset({POINTS_MULTIPLIER, CATEGORY_BONUS})
DRAFT, SCHEDULED, ACTIVE, PAUSED, ENDED = STATUSES = ("DRAFT", "SCHEDULED", "ACTIVE", "PAUSED", "ENDED")
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
THE_WHOLE = 0
"""The card id of the row that counts a whole campaign."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """When and for whom a campaign is; an empty list is everybody, everything, every day. Hours are `HH:MM`."""

    weekdays: tuple[str, ...] = ()
    from_time: time | None = None
    to_time: time | None = None
    tier_ids: frozenset[int] = frozenset()
    segments: frozenset[str] = frozenset()
    category_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it is configured (docs/programme.md section 3); `status` is what was last asked of it."""

    id: int
    name: str
    type: str
    status: str
    starts_at: datetime
    ends_at: datetime
    conditions: Conditions = Conditions()
    description: str | None = None
    min_spend: Decimal = ZERO
    opt_in: bool = False
    multiplier: Decimal | None = None
    bonus_points: Decimal | None = None
    referred_bonus_points: Decimal | None = None
    target_spend: Decimal | None = None
    days: int | None = None
    reward_tier_id: int | None = None
    max_uses: int | None = None
    max_points: Decimal | None = None
    max_uses_per_card: int | None = None
    max_points_per_card: Decimal | None = None
    budget: Decimal | None = None
    priority: int = 0
    exclusive: bool = False
    has_total: bool = False
    version: int = 1

    @property
    def rank(self) -> tuple[int, int]:
        """Where it goes among others: higher priority first, then the lower id."""
        return (-self.priority, self.id)

    @property
    def is_capped(self) -> bool:
        """Whether some cap or budget holds for all."""
        return self.max_uses is not None or self.max_points is not None or self.budget is not None

    @property
    def is_counted(self) -> bool:
        """Whether its counters must be known before it can be told what it gives."""
        return (
            self.is_capped
            or self.has_total
            or self.opt_in
            or self.type == TIER_CHALLENGE
            or self.max_uses_per_card is not None
            or self.max_points_per_card is not None
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """What a campaign has given, to one card or in all: uses, points, and what these were worth, bill by bill."""

    uses: int = 0
    points: Decimal = ZERO
    amount: Decimal = ZERO
    spent: Decimal = ZERO
    joined_at: datetime | None = None
    completed_bill_id: int | None = None
    completed_at: datetime | None = None


NOTHING = Counted()


@dataclass(frozen=True, slots=True)
class Standing:
    """A campaign's counters as one card meets them, and as the one does that referred it."""

    whole: Counted = NOTHING
    card: Counted = NOTHING
    referrer: Counted = NOTHING

    def counted_for(self, campaign: Campaign) -> Counted:
        """Give what counts towards its caps for a card: friends are brought once each, so it is by whom that is capped."""
        return self.referrer if campaign.type == REFERRAL else self.card


UNTOUCHED = Standing()
