"""When a campaign runs, which bill meets it, and what of it is left: pure functions (docs/programme.md section 3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from card_service.campaigns.campaign import (
    ACTIVE,
    CATEGORY_BONUS,
    ENDED,
    FIXED_BONUS,
    POINTS_MULTIPLIER,
    REFERRAL,
    SCHEDULED,
    TIER_CHALLENGE,
    UNTOUCHED,
    WEEKDAYS,
    Campaign,
    Standing,
)
from card_service.kit.days import day_of, end_of, zone
from card_service.kit.money import divide_down, round_down

REASONS = (
    "NOT_RUNNING", "PROGRAM_NOT_ACTIVE", "OUTSIDE_HOURS", "TIER", "SEGMENT", "NOT_JOINED", "MIN_SPEND", "NO_CATEGORY",
    "NO_REFERRAL", "USES_EXHAUSTED", "POINTS_EXHAUSTED", "CARD_USES_EXHAUSTED", "CARD_POINTS_EXHAUSTED", "BUDGET_SPENT",
    "EXCLUDED",
)  # fmt: skip
"""Why a bill does not meet a campaign; the first that holds is told."""
MAY_EXCLUDE = frozenset({POINTS_MULTIPLIER, CATEGORY_BONUS, FIXED_BONUS})


@dataclass(frozen=True, slots=True)
class Visit:
    """A bill as campaigns see it; `categories` are those of its lines that earn and may take part.

    None of `bill_amount`, of `categories` or of `brings_friend` (whether the bill can pay for a referral) asks without a
    bill: what only a bill can tell is then left out. `earns` is whether the programme of the card runs: no campaign is asked
    about the bills of one that does not.
    """

    instant: datetime
    timezone: str
    rate: Decimal
    precision: int
    tier_id: int | None = None
    segments: frozenset[str] = frozenset()
    bill_amount: Decimal | None = None
    categories: frozenset[int] | None = None
    brings_friend: bool | None = None
    earns: bool = True


@dataclass(frozen=True, slots=True)
class Judged:
    """A campaign that runs, and why it does not apply; `left` is the most that it may give now, None: as much as it likes."""

    campaign: Campaign
    reason: str | None
    left: Decimal | None
    standing: Standing = UNTOUCHED

    @property
    def applies(self) -> bool:
        """Whether the bill meets it and no exclusive one goes first."""
        return self.reason is None


def shown_status(campaign: Campaign, now: datetime) -> str:
    """Tell the status that people see: of an activated campaign its window decides."""
    if campaign.status != ACTIVE:
        return campaign.status
    if now < campaign.starts_at:
        return SCHEDULED
    return ACTIVE if now < campaign.ends_at else ENDED


def runs(campaign: Campaign, instant: datetime) -> bool:
    """Tell whether it was activated and the instant lies in its window, whose end is exclusive."""
    return campaign.status == ACTIVE and campaign.starts_at <= instant < campaign.ends_at


def in_hours(campaign: Campaign, instant: datetime, timezone: str) -> bool:
    """Tell whether the wall clock of the tenant shows a weekday and an hour of the campaign.

    Hours over midnight belong to the weekday on which they begin. An hour that the clock shows twice, when summer
    time ends, counts twice; one that it leaves out does not come.
    """
    when = campaign.conditions
    local = instant.astimezone(zone(timezone))
    day, clock = local.date(), local.time()
    if when.from_time is not None and when.to_time is not None:
        if when.from_time < when.to_time:
            if not when.from_time <= clock < when.to_time:
                return False
        elif clock < when.to_time:
            day -= timedelta(days=1)
        elif clock < when.from_time:
            return False
    return not when.weekdays or WEEKDAYS[day.weekday()] in when.weekdays


def challenge_until(campaign: Campaign, joined_at: datetime, timezone: str) -> datetime:
    """Give the first instant at which bills no longer count for a card that joined then."""
    last_day = day_of(joined_at, timezone) + timedelta(days=(campaign.days or 1) - 1)
    return min(end_of(last_day, timezone), campaign.ends_at)


def why_not(campaign: Campaign, visit: Visit, standing: Standing = UNTOUCHED) -> str | None:
    """Give the first reason why a bill does not meet a campaign, None if it does; EXCLUDED is for `judge`."""
    if not runs(campaign, visit.instant):
        return "NOT_RUNNING"
    return why_not_by_conditions(campaign, visit, standing)


def needs_standing(campaign: Campaign, visit: Visit) -> bool:
    """Tell whether its counters decide about a bill: not where it is told without them that the bill does not meet it."""
    if not campaign.is_counted:
        return False
    return campaign.opt_in or campaign.type == TIER_CHALLENGE or next(_unmet(campaign, visit, UNTOUCHED), None) is None


def why_not_by_conditions(campaign: Campaign, visit: Visit, standing: Standing = UNTOUCHED) -> str | None:
    """Give the first reason that is not its status or window: what a dry run looks at."""
    reason = next(_unmet(campaign, visit, standing), None)
    if reason is None and not (campaign.type == TIER_CHALLENGE and standing.card.completed_bill_id is not None):
        reason = next(_used_up(campaign, visit, standing), None)
    return reason


def _unmet(campaign: Campaign, visit: Visit, standing: Standing) -> Iterator[str]:
    when, joined_at = campaign.conditions, standing.card.joined_at
    if campaign.type == TIER_CHALLENGE and joined_at is not None and not _counts(campaign, visit, joined_at):
        yield "NOT_RUNNING"
    if not visit.earns:
        yield "PROGRAM_NOT_ACTIVE"
    if not in_hours(campaign, visit.instant, visit.timezone):
        yield "OUTSIDE_HOURS"
    if when.tier_ids and visit.tier_id not in when.tier_ids:
        yield "TIER"
    if when.segments and when.segments.isdisjoint(visit.segments):
        yield "SEGMENT"
    if campaign.opt_in and joined_at is None:
        yield "NOT_JOINED"
    if visit.bill_amount is not None and visit.bill_amount < campaign.min_spend:
        yield "MIN_SPEND"
    if visit.categories is not None and not (visit.categories & when.category_ids if when.category_ids else visit.categories):
        yield "NO_CATEGORY"
    if campaign.type == REFERRAL and visit.brings_friend is False:
        yield "NO_REFERRAL"


def _counts(campaign: Campaign, visit: Visit, joined_at: datetime) -> bool:
    return joined_at <= visit.instant < challenge_until(campaign, joined_at, visit.timezone)


def _used_up(campaign: Campaign, visit: Visit, standing: Standing) -> Iterator[str]:
    whole, card = standing.whole, standing.counted_for(campaign)
    if campaign.max_uses is not None and whole.uses >= campaign.max_uses:
        yield "USES_EXHAUSTED"
    if campaign.max_points is not None and not _rest(campaign.max_points, whole.points, visit.precision):
        yield "POINTS_EXHAUSTED"
    if campaign.max_uses_per_card is not None and card.uses >= campaign.max_uses_per_card:
        yield "CARD_USES_EXHAUSTED"
    if campaign.max_points_per_card is not None and not _rest(campaign.max_points_per_card, card.points, visit.precision):
        yield "CARD_POINTS_EXHAUSTED"
    if campaign.budget is not None and not _affordable(campaign.budget, whole.amount, visit):
        yield "BUDGET_SPENT"


def points_left(campaign: Campaign, visit: Visit, standing: Standing) -> Decimal | None:
    """Tell the most that a campaign may give on this bill, None where no cap on points and no budget says."""
    limits = []
    if campaign.max_points is not None:
        limits.append(_rest(campaign.max_points, standing.whole.points, visit.precision))
    if campaign.max_points_per_card is not None:
        limits.append(_rest(campaign.max_points_per_card, standing.counted_for(campaign).points, visit.precision))
    if campaign.budget is not None:
        limits.append(_affordable(campaign.budget, standing.whole.amount, visit))
    return min(limits, default=None)


def _rest(most: Decimal, given: Decimal, precision: int) -> Decimal:
    return round_down(max(most - given, Decimal(0)), precision)


def _affordable(budget: Decimal, spent: Decimal, visit: Visit) -> Decimal:
    return round_down(divide_down(max(budget - spent, Decimal(0)), visit.rate), visit.precision)


def judge(campaigns: Iterable[Campaign], visit: Visit, standings: Mapping[int, Standing]) -> list[Judged]:
    """Judge the campaigns that run at the visit, by priority and id; an exclusive one that is met leaves the others out."""
    found = []
    for campaign in sorted((one for one in campaigns if runs(one, visit.instant)), key=lambda one: one.rank):
        standing = standings.get(campaign.id, UNTOUCHED)
        reason = why_not(campaign, visit, standing)
        found.append(Judged(campaign, reason, points_left(campaign, visit, standing), standing))
    return exclude(found)


def exclude(found: Sequence[Judged]) -> list[Judged]:
    """Leave only the first exclusive campaign among those of its kind that apply."""
    first = next((one for one in found if one.applies and one.campaign.exclusive), None)
    if first is None:
        return list(found)
    return [
        Judged(one.campaign, "EXCLUDED", one.left, one.standing)
        if one.applies and one is not first and one.campaign.type in MAY_EXCLUDE
        else one
        for one in found
    ]
