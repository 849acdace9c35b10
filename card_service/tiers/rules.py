"""The ladder of tiers, and how a card goes up and down on it (docs/programme.md section 2): pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from card_service.kit.days import day_of, start_of
from card_service.ledger.figures import Figures

ANY, ALL = "ANY", "ALL"
NONE, ONE_DOWN, TO_QUALIFIED = "NONE", "ONE_DOWN", "TO_QUALIFIED"
UPGRADE, DOWNGRADE, GRACE, MANUAL, CHALLENGE, REVERSAL = (
    "UPGRADE", "DOWNGRADE", "GRACE", "MANUAL", "CHALLENGE", "REVERSAL",
)  # fmt: skip
MERGED_WITH = "merged with card "
"""How the reason of a lift begins that a merge has brought."""


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
    benefits: Mapping[str, Any]
    birthday_points: Decimal | None
    grace_days: int
    downgrade: str

    @property
    def is_base(self) -> bool:
        """Whether it asks for nothing: a card that no other tier holds is in it."""
        return self.min_spend is None and self.min_points is None and self.min_orders is None

    def is_met_by(self, windows: Mapping[int, Figures]) -> bool:
        """Tell whether the figures of its window reach all, or any, of what the tier asks for."""
        if self.is_base:
            return True
        figures = windows[self.period_days]
        asked = ((self.min_spend, figures.spend), (self.min_points, figures.points), (self.min_orders, figures.orders))
        met = [there >= wanted for wanted, there in asked if wanted is not None]
        return all(met) if self.qualify_mode == ALL else any(met)


@dataclass(frozen=True)
class Ladder:
    """The active tiers of a tenant at one version of its configuration, the lowest first."""

    tiers: tuple[Tier, ...] = ()
    by_id: Mapping[int, Tier] = field(default_factory=dict)
    not_for: frozenset[int] = frozenset()

    @classmethod
    def of(cls, tiers: Iterable[Tier], not_for: Iterable[int] = ()) -> "Ladder":
        """Order the tiers; `not_for` are the programmes to whose cards tiers do not apply."""
        ordered = tuple(sorted(tiers, key=lambda tier: tier.level))
        return cls(ordered, {tier.id: tier for tier in ordered}, frozenset(not_for))

    def of_program(self, program_id: int | None) -> "Ladder":
        """Give the ladder of the cards of a programme: none where tiers do not apply."""
        return EMPTY if program_id in self.not_for else self

    @cached_property
    def base(self) -> Tier | None:
        """The tier without requirements, if there is one."""
        return next((tier for tier in self.tiers if tier.is_base), None)

    @cached_property
    def periods(self) -> tuple[int, ...]:
        """The lengths of the windows that the tiers look at, in days, each once."""
        return tuple(sorted({tier.period_days for tier in self.tiers if not tier.is_base}))

    def holding(self, tier_id: int | None) -> Tier | None:
        """Give the tier that a card is in: none, and one that is not active any more, stand for the base tier."""
        found = self.by_id.get(tier_id) if tier_id is not None else None
        return found or self.base

    def reached(self, windows: Mapping[int, Figures]) -> Tier | None:
        """Give the highest tier whose requirements are met."""
        return next((tier for tier in reversed(self.tiers) if tier.is_met_by(windows)), None)

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


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a card is. `tier_id` None stands for the base tier, or for none.

    `held_id` is a tier set by hand, valid before `held_until` (None: for good); `lifted_by` the bill that brought the
    card into its tier, None once anything else has changed it.
    """

    tier_id: int | None = None
    since: datetime | None = None
    grace_until: datetime | None = None
    held_id: int | None = None
    held_until: datetime | None = None
    lifted_by: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the history: of which kind, from where to where, and why."""

    type: str
    before: Tier | None
    after: Tier | None
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the card is now, and what changed."""

    standing: Standing
    change: Change | None = None


def move(standing: Standing, tier: Tier | None, now: datetime, lifted_by: int | None = None) -> Standing:
    """Put a card into a tier; what was set by hand stays, a grace ends."""
    return replace(standing, tier_id=_stored(tier), since=now, grace_until=None, lifted_by=lifted_by)


def _stored(tier: Tier | None) -> int | None:
    return None if tier is None or tier.is_base else tier.id


def after_earn(ladder: Ladder, standing: Standing, windows: Mapping[int, Figures], now: datetime, bill_id: int) -> Outcome:
    """Lift a card whose figures reach a higher tier with this bill; figures that reach its own end a grace."""
    present, reached = ladder.holding(standing.tier_id), ladder.reached(windows)
    if reached is not None and reached.level > level_of(present):
        return Outcome(move(standing, reached, now, bill_id), Change(UPGRADE, present, reached, f"reached with bill {bill_id}"))
    if standing.grace_until is not None and (present is None or present.is_met_by(windows)):
        return Outcome(replace(standing, grace_until=None))
    return Outcome(standing)


def is_undone(ladder: Ladder, standing: Standing, windows: Mapping[int, Figures], bill_id: int) -> bool:
    """Tell whether this bill, some of which came back, had lifted the card into a tier that it no longer reaches."""
    present = ladder.holding(standing.tier_id)
    return standing.lifted_by == bill_id and present is not None and not present.is_met_by(windows)


def after_return(
    ladder: Ladder, standing: Standing, windows: Mapping[int, Figures], now: datetime, bill_id: int, before: Standing
) -> Outcome:
    """Put the card back to where it was `before` the bill had lifted it, or higher if its other bills reach that."""
    return go_back(ladder, standing, windows, now, before, f"bill {bill_id} was returned")


def go_back(
    ladder: Ladder, standing: Standing, windows: Mapping[int, Figures], now: datetime, before: Standing, reason: str
) -> Outcome:
    """Put a card back to where it was `before` something lifted it, exactly so, or higher if its figures reach that."""
    present, earlier, reached = ladder.holding(standing.tier_id), ladder.holding(before.tier_id), ladder.reached(windows)
    back, target = before, earlier
    if reached is not None and reached.level > level_of(earlier):
        back, target = move(before, reached, now), reached
    if target is present:
        return Outcome(replace(standing, held_id=before.held_id, held_until=before.held_until))
    return Outcome(back, Change(REVERSAL, present, target, reason))


def review(ladder: Ladder, standing: Standing, windows: Mapping[int, Figures], now: datetime, zone: str) -> Outcome:
    """Put a card where its figures are: up at once, down after the days of grace and no lower than what was set by hand."""
    present, reached = ladder.holding(standing.tier_id), ladder.reached(windows)
    held = ladder.by_id.get(standing.held_id) if standing.held_id is not None and is_held(standing, now) else None
    kept = standing if held else replace(standing, held_id=None, held_until=None)
    if reached is not None and reached.level > level_of(present):
        return Outcome(move(kept, reached, now), Change(UPGRADE, present, reached, "reached at a review"))
    if present is None or present.is_met_by(windows) or level_of(held) >= present.level:
        return Outcome(replace(kept, grace_until=None))
    target, reason = reached, "no longer reached"
    if standing.held_id == present.id and held is None:
        reason = "the time for which it was set by hand is over"
    elif present.downgrade == NONE:
        return Outcome(replace(kept, grace_until=None))
    else:
        ends = standing.grace_until or start_of(day_of(now, zone) + timedelta(days=present.grace_days), zone)
        if now < ends:
            begun = Change(GRACE, present, present, "no longer reached", ends) if standing.grace_until is None else None
            return Outcome(replace(kept, grace_until=ends), begun)
        if present.downgrade == ONE_DOWN:
            if standing.since is not None and day_of(standing.since, zone) == day_of(now, zone):
                # Reviewed again on one day: one step is one step.
                return Outcome(kept)
            target = ladder.below(present)
    if level_of(held) > level_of(target):
        target = held
    return Outcome(move(kept, target, now), Change(DOWNGRADE, present, target, reason))


def is_held(standing: Standing, now: datetime) -> bool:
    """Tell whether a tier set by hand is still in force."""
    return standing.held_until is None or now < standing.held_until


def set_by_hand(ladder: Ladder, standing: Standing, tier: Tier, now: datetime, until: datetime | None, reason: str) -> Outcome:
    """Put a card into a tier until an instant, None for good."""
    present = ladder.holding(standing.tier_id)
    moved = replace(move(standing, tier, now), held_id=tier.id, held_until=until)
    return Outcome(moved, Change(MANUAL, present, tier, reason, until))


def merged(ladder: Ladder, mine: Standing, other: Standing, other_card_id: int, now: datetime) -> Outcome:
    """Give the card that stays the higher of two tiers, and of what was set by hand what holds it highest, then longest.

    What has run out holds nothing any more: alone it goes along with its tier, for the next review to end both.
    """
    present, theirs = ladder.holding(mine.tier_id), ladder.holding(other.tier_id)
    is_lifted = level_of(theirs) > level_of(present)
    in_force = [one for one in (mine, other) if one.held_id is not None and is_held(one, now)]
    held = max(in_force, key=lambda one: _strength(ladder, one), default=other if is_lifted else mine)
    if not is_lifted:
        return Outcome(replace(mine, held_id=held.held_id, held_until=held.held_until))
    change = Change(UPGRADE, present, theirs, f"{MERGED_WITH}{other_card_id}")
    return Outcome(replace(other, lifted_by=None, held_id=held.held_id, held_until=held.held_until), change)


def _strength(ladder: Ladder, held: Standing) -> tuple[int, datetime]:
    """Say how high and how long a card is held, to compare."""
    return level_of(ladder.by_id.get(held.held_id or 0)), held.held_until or datetime.max.replace(tzinfo=UTC)
