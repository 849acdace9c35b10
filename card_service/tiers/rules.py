"""The ladder of tiers, and where on it the figures of a card are (docs/programme.md section 2): pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

ANY, ALL = "ANY", "ALL"
NONE, ONE_DOWN, TO_QUALIFIED = "NONE", "ONE_DOWN", "TO_QUALIFIED"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the bills of a window add up to: money and points net of returns, and bills that are not cancelled."""

    spend: Decimal
    points: Decimal
    orders: int


@dataclass(frozen=True, slots=True)
class Tier:
    """One active tier; `percentages` are points per hundred of its own, by category."""

    id: int
    level: int
    name: str
    min_spend: Decimal | None
    min_points: Decimal | None
    min_orders: int | None
    qualify_mode: str
    period_days: int
    multiplier: Decimal
    percentages: Mapping[int, Decimal]
    discount_percent: Decimal
    benefits: Mapping[str, str | Decimal | bool]
    birthday_points: Decimal | None
    grace_days: int
    downgrade: str

    @property
    def is_base(self) -> bool:
        """Whether it asks for nothing: a card that no other tier holds is in it."""
        return self.min_spend is None and self.min_points is None and self.min_orders is None

    def is_met_by(self, figures: Figures) -> bool:
        """Tell whether figures reach all, or any, of what the tier asks for."""
        asked = (
            (self.min_spend, figures.spend),
            (self.min_points, figures.points),
            (self.min_orders, figures.orders),
        )
        met = [there >= wanted for wanted, there in asked if wanted is not None]
        return all(met) if self.qualify_mode == ALL else any(met) or not met


@dataclass(frozen=True)
class Ladder:
    """The active tiers of a tenant at one version of its configuration, the lowest first."""

    tiers: tuple[Tier, ...] = ()
    by_id: Mapping[int, Tier] = field(default_factory=dict)

    @classmethod
    def of(cls, tiers: tuple[Tier, ...]) -> "Ladder":
        """Order the tiers."""
        ordered = tuple(sorted(tiers, key=lambda tier: tier.level))
        return cls(ordered, {tier.id: tier for tier in ordered})

    @cached_property
    def base(self) -> Tier | None:
        """The tier without requirements, if there is one."""
        return next((tier for tier in self.tiers if tier.is_base), None)

    @cached_property
    def periods(self) -> tuple[int, ...]:
        """The lengths of the windows that the tiers look at, in days, each once."""
        return tuple(sorted({tier.period_days for tier in self.tiers if not tier.is_base}))

    def holding(self, tier_id: int | None) -> Tier | None:
        """Give the tier that a card is in: none and one that is not active any more stand for the base tier."""
        found = self.by_id.get(tier_id) if tier_id is not None else None
        return found or self.base

    def reached(self, figures: Mapping[int, Figures]) -> Tier | None:
        """Give the highest tier whose requirements are met by the figures of its window."""
        for tier in reversed(self.tiers):
            if tier.is_base or tier.is_met_by(figures[tier.period_days]):
                return tier
        return None

    def above(self, tier: Tier | None) -> Tier | None:
        """Give the next higher tier."""
        return next((other for other in self.tiers if other.level > level_of(tier)), None)

    def below(self, tier: Tier | None) -> Tier | None:
        """Give the next lower tier, None below the lowest."""
        return next((other for other in reversed(self.tiers) if other.level < level_of(tier)), None)


EMPTY = Ladder()


def level_of(tier: Tier | None) -> int:
    """Give the level of a tier; no tier is below all."""
    return tier.level if tier else 0
