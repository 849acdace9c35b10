"""Tiers: what a card must reach, what it then has, and how it rises and falls (docs/programme.md section 2)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple, Protocol

from .answers import Body
from .arithmetic import ZERO, exact, shown


class Figures(NamedTuple):
    """What a card spent and earned in a window, and by how many bills."""

    spend: Fraction
    points: Fraction
    orders: Fraction


@dataclass(frozen=True)
class Tier:
    """One tier; a requirement that is None is none, and one without any is the base tier."""

    id: int
    level: int
    name: str
    needs: tuple[Fraction | None, Fraction | None, Fraction | None] = (None, None, None)
    all_of: bool = False
    period: int = 365
    multiplier: Fraction = Fraction(1)
    percentages: dict[int, Fraction] = field(default_factory=dict)
    discount: Fraction = ZERO
    grace: int = 0
    downgrade: str = "TO_QUALIFIED"

    @property
    def base(self) -> bool:
        """Whether it asks for nothing."""
        return all(need is None for need in self.needs)

    def met(self, figures: Figures) -> bool:
        """Whether these figures of its window reach it."""
        reached = [figure >= need for figure, need in zip(figures, self.needs, strict=True) if need is not None]
        return self.base or (all(reached) if self.all_of else any(reached))

    @property
    def shown(self) -> Body:
        """The tier as it is shown beside a card."""
        return {"id": self.id, "level": self.level, "name": self.name, "multiplier": shown(self.multiplier)}


def tier_of(body: Body, tier_id: int) -> Tier:
    """Read the body of POST /tiers."""
    needs = [None if body.get(name) is None else exact(body[name]) for name in ("minSpend", "minPoints", "minOrders")]
    return Tier(
        tier_id,
        body["level"],
        body["name"],
        (needs[0], needs[1], needs[2]),
        all_of=body.get("qualifyMode") == "ALL",
        period=body.get("qualificationPeriodDays", 365),
        multiplier=exact(body.get("pointsMultiplier", 1)),
        percentages={row["categoryId"]: exact(row["pointPercentage"]) for row in body.get("categoryPercentages", [])},
        discount=exact(body.get("tierDiscountPercent", 0)),
        grace=body.get("graceDays", 0),
        downgrade=body.get("downgrade", "TO_QUALIFIED"),
    )


@dataclass(frozen=True)
class Standing:
    """Where a card is: the tier that it is in (None: the base tier, if there is one), and how it came there.

    `held` is a tier set by hand, below which it is not taken before the instant `until`. `grace` is the day on which
    its grace is over. `lifted_by` is the bill that brought the card here, or `won` the challenge, and `before` where it was then;
    all are gone once anything else changes the tier.
    """

    tier_id: int | None = None
    held: int | None = None
    until: datetime | None = None
    grace: date | None = None
    lifted_by: int | None = None
    won: int | None = None
    before: "Standing | None" = None

    def moved(self, tier: "Tier | None") -> "Standing":
        """The same card in another tier; what was set by hand still holds it."""
        return Standing(tier.id if tier else None, self.held, self.until)


class Counted(Protocol):
    """A bill, as far as tiers count it."""

    bill_id: int
    occurred_on: date
    cancelled: bool

    @property
    def left(self) -> Fraction:
        """What is left of it."""

    @property
    def points_kept(self) -> Fraction:
        """What its lines still have earned."""


def figures_of(bills: Iterable[Counted], period: int, today: date) -> Figures:
    """Sum the earned bills of the last `period` days, today included."""
    window = [bill for bill in bills if bill.occurred_on > today - timedelta(days=period)]
    spend, points = (sum(part, ZERO) for part in ([b.left for b in window], [b.points_kept for b in window]))
    return Figures(spend, points, Fraction(sum(not bill.cancelled for bill in window)))


class Tiers:
    """All tiers of the tenant, as a ladder."""

    def __init__(self) -> None:
        """Start without tiers."""
        self.by_id: dict[int, Tier] = {}

    def now(self, standing: Standing) -> Tier | None:
        """The tier that a card in this standing is in: the base tier when no other holds it."""
        base = next((tier for tier in self.by_id.values() if tier.base), None)
        return base if standing.tier_id is None else self.by_id[standing.tier_id]

    def reached(self, bills: Sequence[Counted], today: date) -> Tier | None:
        """The highest tier whose requirements are met."""
        met = [tier for tier in self.by_id.values() if tier.met(figures_of(bills, tier.period, today))]
        return max(met, key=_level, default=None)

    def after_earn(self, standing: Standing, bill_id: int, bills: Sequence[Counted], today: date) -> Standing:
        """Lift the card when its bills, this one included, reach a higher tier."""
        present, reached = self.now(standing), self.reached(bills, today)
        if reached and _level(reached) > _level(present):
            return replace(standing.moved(reached), lifted_by=bill_id, before=standing)
        reaches = present is None or present.met(figures_of(bills, present.period, today))
        return replace(standing, grace=None) if reaches else standing

    def after_challenge(self, standing: Standing, campaign_id: int, tier_id: int, until: datetime) -> Standing:
        """Put the card into the tier that a challenge brings, if that is a higher one."""
        if self.by_id[tier_id].level <= _level(self.now(standing)):
            return standing
        return Standing(tier_id, tier_id, until, won=campaign_id, before=standing)

    def after_return(
        self, standing: Standing, bill_id: int, lost: Collection[int], bills: Sequence[Counted], today: date
    ) -> Standing:
        """Put the card back when a return took what had lifted it: the bill, or challenges that are lost."""
        tier, reached, before = self.now(standing), self.reached(bills, today), standing.before
        if before is None or tier is None:
            return standing
        lowered = standing.lifted_by == bill_id and not tier.met(figures_of(bills, tier.period, today))
        if standing.won not in lost and not lowered:
            return standing
        if _level(reached) > _level(self.now(before)):
            return before.moved(reached)
        return self.after_return(before, bill_id, lost, bills, today)

    def merged(self, target: Standing, source: Standing, now: datetime) -> Standing:
        """Of two cards that become one the higher tier stays; no bill lifted the target to that of the source.

        What a challenge brought one of them stays its to take: each then counts as it was without the challenge. Of what
        was set by hand and is in force the higher tier counts, of one tier the longer time; only if nothing is in force may
        the card's tier be one whose time is over.
        """
        source_wins = _level(self.now(source)) > _level(self.now(target))
        winner = source if source_wins else target
        if winner.won is not None:
            before = self.merged(_without(winner.won, target), _without(winner.won, source), now)
            stays = replace(winner, before=before)
        else:
            stays = replace(source, lifted_by=None, before=None) if source_wins else target
        holds = [one for one in (winner, target, source) if one.held and (one.until is None or one.until > now)]
        if not holds:
            return stays
        highest = max(self.by_id[one.held].level for one in holds if one.held)
        highest_holds = [one for one in holds if one.held and self.by_id[one.held].level == highest]
        for_good = [one for one in highest_holds if one.until is None]
        strongest = for_good[0] if for_good else max(highest_holds, key=lambda one: one.until or now)
        if strongest.held != stays.held:
            stays = replace(stays, won=None, before=stays.before if stays.lifted_by else None)
        return replace(stays, held=strongest.held, until=strongest.until)

    def review(self, standing: Standing, bills: Sequence[Counted], today: date, now: datetime) -> Standing:
        """Where the card is after a review."""
        present, reached = self.now(standing), self.reached(bills, today)
        if standing.held is not None and standing.until is not None and standing.until <= now:
            was_held, standing = standing.held == standing.tier_id, replace(standing, held=None, until=None)
            if was_held:
                return standing.moved(reached)
        if reached and _level(reached) > _level(present):
            return standing.moved(reached)
        if present is None or present.met(figures_of(bills, present.period, today)):
            return replace(standing, grace=None)
        if standing.held == present.id or present.downgrade == "NONE":
            return standing
        grace = standing.grace or today + timedelta(days=present.grace)
        if today < grace:
            return replace(standing, grace=grace)
        if present.downgrade == "ONE_DOWN":
            below = [tier for tier in self.by_id.values() if tier.level < present.level]
            reached = max(below, key=_level, default=None)
        held = self.by_id.get(standing.held or 0)
        return standing.moved(max([reached, held], key=_level))

    def progress(self, standing: Standing, bills: Sequence[Counted], today: date) -> Body | None:
        """What is missing to the next tier, and the day on which the first bill falls out; None at the top."""
        present = self.now(standing)
        above = [tier for tier in self.by_id.values() if tier.level > _level(present)]
        if not above:
            return None
        following = min(above, key=_level)
        figures = figures_of(bills, following.period, today)
        missing = [
            None if need is None else max(need - figure, ZERO) for need, figure in zip(following.needs, figures, strict=True)
        ]
        spend, points, orders = [None if part is None else shown(part) for part in missing]
        counted = [bill.occurred_on for bill in bills if bill.occurred_on > today - timedelta(days=following.period)]
        until = min(counted) + timedelta(days=following.period) if counted else None
        return {
            "nextTier": following.shown,
            "spendNeeded": spend,
            "pointsNeeded": points,
            "ordersNeeded": orders,
            "until": until,
        }


def _without(challenge: int, standing: Standing) -> Standing:
    """Where a card was before this challenge, if that brought it where it is."""
    return standing.before if standing.won == challenge and standing.before else standing


def _level(tier: Tier | None) -> int:
    """How high a tier is; no tier is below all of them."""
    return tier.level if tier else 0
