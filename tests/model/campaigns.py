"""Campaigns: which of them a bill meets, what they multiply, and what each gives (docs/programme.md section 3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor

from .answers import Body, RefusedError
from .arithmetic import ZERO, exact, round_down, round_up
from .bills import Bill, Line, points_of
from .configuration import Configuration
from .tiers import Tier

DRAFT, STARTED, PAUSED, ENDED = "DRAFT", "STARTED", "PAUSED", "ENDED"
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
MULTIPLYING = {"POINTS_MULTIPLIER", "CATEGORY_BONUS"}


@dataclass
class Campaign:
    """One campaign: the body that made it, and how far its life has come."""

    id: int
    body: Body
    state: str = DRAFT

    @property
    def kind(self) -> str:
        """Its type."""
        return str(self.body["type"])

    @property
    def multiplier(self) -> Fraction:
        """What it multiplies points by."""
        return exact(self.body["multiplier"])

    @property
    def order(self) -> tuple[int, int]:
        """Who goes first: the higher priority, then the lower id."""
        return -self.body.get("priority", 0), self.id

    @property
    def min_spend(self) -> Fraction:
        """The least bill that meets it."""
        return exact(self.body.get("minSpend", 0))

    def cap(self, name: str) -> Fraction | None:
        """One of its caps; None when it has none."""
        return None if self.body.get(name) is None else exact(self.body[name])

    def runs(self, instant: datetime) -> bool:
        """Whether it is started and the instant lies between its start and its end."""
        starts, ends = datetime.fromisoformat(self.body["startsAt"]), datetime.fromisoformat(self.body["endsAt"])
        return self.state == STARTED and starts <= instant < ends

    def open_at(self, clock: datetime) -> bool:
        """Whether its weekdays and hours hold a time of the tenant's wall clock."""
        weekdays, time, day = self.body.get("weekdays") or WEEKDAYS, f"{clock:%H:%M}", clock.date()
        start, end = self.body.get("fromTime") or "00:00", self.body.get("toTime") or "24:00"
        over_midnight = start > end
        if over_midnight and time < end:
            day -= timedelta(days=1)
        elif time < start or (time >= end and not over_midnight):
            return False
        return _weekday(day) in weekdays

    def takes(self, line: Line, configuration: Configuration) -> bool:
        """Whether a line counts for it: of its categories, not blocked, and earning."""
        wanted = self.body.get("categoryIds") or [line.category_id]
        earns = line.excluded is None and line.base > 0
        return line.category_id in wanted and earns and not configuration.blocked(line.category_id, "campaign")

    def multiplies(self, line: Line, configuration: Configuration) -> bool:
        """Whether it multiplies the points of this line."""
        if line.excluded is not None or configuration.blocked(line.category_id, "campaign"):
            return False
        return self.kind == "POINTS_MULTIPLIER" or (
            self.kind == "CATEGORY_BONUS" and line.category_id in self.body["categoryIds"]
        )


@dataclass
class Verdict:
    """What a campaign that runs does for one bill."""

    campaign: Campaign
    reason: str | None
    points: Fraction = ZERO
    bonus: Fraction = ZERO


@dataclass(frozen=True)
class Purchase:
    """A bill, as far as campaigns look at it."""

    lines: Sequence[Line]
    amount: Fraction
    instant: datetime
    tier: Tier | None
    segments: Sequence[str]
    all_bills: Sequence[Bill]
    own_bills: Sequence[Bill]


def judge(campaigns: Iterable[Campaign], purchase: Purchase, configuration: Configuration) -> list[Verdict]:
    """Judge the campaigns that run, raise the points of the lines, and say what each campaign gives."""
    running = [c for c in sorted(campaigns, key=lambda c: c.order) if c.runs(purchase.instant)]
    verdicts = [Verdict(c, _reason(c, purchase, configuration)) for c in running]
    met = [v for v in verdicts if v.reason is None]
    first = next((v for v in met if v.campaign.body.get("exclusive")), None)
    if first:
        for verdict in met:
            verdict.reason = None if verdict is first else "EXCLUDED"
        met = [first]
    for line in purchase.lines:
        _multiply(line, [v.campaign for v in met], configuration)
    for verdict in met:
        left = _left(verdict.campaign, purchase, configuration)
        for line in purchase.lines:
            given = line.gifts.get(verdict.campaign.id, ZERO)
            kept = given if left is None else min(given, left - verdict.points)
            line.gifts[verdict.campaign.id] = kept
            line.points -= given - kept
            verdict.points += kept
        if verdict.campaign.kind == "FIXED_BONUS":
            bonus = exact(verdict.campaign.body["bonusPoints"])
            verdict.points = verdict.bonus = bonus if left is None else min(bonus, left)
    return verdicts


def uses(campaign: Campaign, bills: Iterable[Bill]) -> int:
    """On how many of these bills it gave points that were not all taken back."""
    return sum(bill.given_by(campaign.id) > 0 for bill in bills)


def points_given(campaign: Campaign, bills: Iterable[Bill]) -> Fraction:
    """Points that it gave on these bills, less what was taken back."""
    return sum((bill.given_by(campaign.id) for bill in bills), ZERO)


def money_given(campaign: Campaign, bills: Iterable[Bill]) -> Fraction:
    """What those points cost, bill by bill, at the rate of each bill."""
    return sum((round_up(bill.given_by(campaign.id) * bill.rate) for bill in bills), ZERO)


def change_state(campaign: Campaign, event: str) -> None:
    """Activate, pause or end it, or refuse what its state does not allow."""
    if (campaign.state == ENDED and event != "end") or (campaign.state == DRAFT and event != "activate"):
        raise RefusedError(409, "CAMPAIGN_STATE")
    campaign.state = {"activate": STARTED, "pause": PAUSED, "end": ENDED}[event]


def _reason(campaign: Campaign, purchase: Purchase, configuration: Configuration) -> str | None:
    """Why a bill does not meet a campaign that runs; None when it does."""
    tiers, segments = campaign.body.get("tierIds"), campaign.body.get("segments")
    checks = (
        (campaign.open_at(configuration.wall_clock(purchase.instant)), "OUTSIDE_HOURS"),
        (not tiers or (purchase.tier is not None and purchase.tier.id in tiers), "TIER"),
        (not segments or bool(set(segments) & set(purchase.segments)), "SEGMENT"),
        (purchase.amount >= campaign.min_spend, "MIN_SPEND"),
        (any(campaign.takes(line, configuration) for line in purchase.lines), "NO_CATEGORY"),
        (_room(campaign.cap("maxUses"), Fraction(uses(campaign, purchase.all_bills)), 0), "USES_EXHAUSTED"),
        (
            _room(campaign.cap("maxPoints"), points_given(campaign, purchase.all_bills), configuration.precision),
            "POINTS_EXHAUSTED",
        ),
        (_room(campaign.cap("maxUsesPerCard"), Fraction(uses(campaign, purchase.own_bills)), 0), "CARD_USES_EXHAUSTED"),
        (
            _room(campaign.cap("maxPointsPerCard"), points_given(campaign, purchase.own_bills), configuration.precision),
            "CARD_POINTS_EXHAUSTED",
        ),
        (_budget_points(campaign, purchase, configuration) != 0, "BUDGET_SPENT"),
    )
    return next((reason for holds, reason in checks if not holds), None)


def _room(cap: Fraction | None, used: Fraction, precision: int) -> bool:
    return cap is None or round_down(max(cap - used, ZERO), precision) > 0


def _budget_points(campaign: Campaign, purchase: Purchase, configuration: Configuration) -> Fraction | None:
    """Points that the budget still pays for; None without a budget."""
    budget = campaign.cap("budget")
    if budget is None:
        return None
    money = max(budget - money_given(campaign, purchase.all_bills), ZERO)
    return round_down(money / configuration.rate, configuration.precision)


def _left(campaign: Campaign, purchase: Purchase, configuration: Configuration) -> Fraction | None:
    """Most points that the campaign may give on this bill; None when nothing limits it."""
    limits = [_budget_points(campaign, purchase, configuration)]
    for name, bills in (("maxPoints", purchase.all_bills), ("maxPointsPerCard", purchase.own_bills)):
        cap = campaign.cap(name)
        if cap is not None:
            limits.append(round_down(max(cap - points_given(campaign, bills), ZERO), configuration.precision))
    return min((limit for limit in limits if limit is not None), default=None)


def _multiply(line: Line, met: Sequence[Campaign], configuration: Configuration) -> None:
    """Multiply the points of a line, and share what that adds among the campaigns that apply to it."""
    mine = [campaign for campaign in met if campaign.multiplies(line, configuration)]
    if not mine:
        return
    plain, stacking = line.points, configuration.settings["campaignStacking"]
    together = Fraction(1)
    if stacking == "BEST":
        mine = [max(mine, key=lambda campaign: (campaign.multiplier, *(-part for part in campaign.order)))]
        together = mine[0].multiplier
    elif stacking == "ADDITIVE":
        together += sum((campaign.multiplier - 1 for campaign in mine), ZERO)
    else:
        for campaign in mine:
            together *= campaign.multiplier
    most = max(configuration.number("maxTotalMultiplier"), line.tier_multiplier)
    line.multiplier = min(line.tier_multiplier * together, most)
    line.points = points_of(line, configuration)
    shares = share(line.points - plain, [campaign.multiplier - 1 for campaign in mine], configuration.precision)
    line.gifts = {campaign.id: part for campaign, part in zip(mine, shares, strict=True)}


def share(points: Fraction, weights: Sequence[Fraction], precision: int) -> list[Fraction]:
    """Share points by largest remainder to the precision; ties go to the earlier of two."""
    scale, whole = 10**precision, sum(weights, ZERO)
    ideal = [points * scale * weight / whole for weight in weights]
    parts = [floor(part) for part in ideal]
    by_claim = sorted(range(len(parts)), key=lambda i: (parts[i] - ideal[i], i))
    for i in by_claim[: int(points * scale - sum(parts))]:
        parts[i] += 1
    return [Fraction(part, scale) for part in parts]


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]
