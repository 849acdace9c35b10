"""Campaigns: which of them a bill meets, what they multiply, and what each gives (docs/programme.md section 3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from .answers import Body, RefusedError
from .arithmetic import ZERO, exact, round_down
from .bills import Bill, Line
from .challenges import CHALLENGE, counts_at, has_reward, spent
from .configuration import Configuration
from .counters import money_given, points_given, uses
from .stacking import multiply
from .tiers import Tier

DRAFT, STARTED, PAUSED, ENDED = "DRAFT", "STARTED", "PAUSED", "ENDED"
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
REFERRAL = "REFERRAL"
EXCLUDING = {"POINTS_MULTIPLIER", "CATEGORY_BONUS", "FIXED_BONUS"}


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

    @property
    def opt_in(self) -> bool:
        """Whether a card must join it."""
        return bool(self.body.get("optIn", False))

    def cap(self, name: str) -> Fraction | None:
        """One of its caps; None when it has none."""
        return None if self.body.get(name) is None else exact(self.body[name])

    @property
    def ends(self) -> datetime:
        """The first instant at which it is over."""
        return datetime.fromisoformat(self.body["endsAt"])

    def runs(self, instant: datetime) -> bool:
        """Whether it is started and the instant lies between its start and its end."""
        return self.state == STARTED and datetime.fromisoformat(self.body["startsAt"]) <= instant < self.ends

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
    to_referrer: Fraction = ZERO
    """What of the bonus is the referrer's."""
    min_bill: Fraction = ZERO
    """What must be left of the bill for this to be kept."""
    reward: bool = False
    """It is a challenge that this bill completes."""

    @property
    def counts(self) -> bool:
        """Whether it is a challenge that the bill counts for."""
        return self.campaign.kind == CHALLENGE and self.reason is None


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
    brought_bills: Sequence[Bill]
    """The bills of all whom the referrer of the card has brought."""
    joined: Mapping[int, datetime]
    """When the card joined which campaign."""
    refers: bool
    """Whether the bill can pay for the referral of its card."""

    def capped_bills(self, campaign: Campaign) -> Sequence[Bill]:
        """The bills on which the caps for one card count: the card's own, or where friends are paid for, their referrer's."""
        return self.brought_bills if campaign.kind == REFERRAL else self.own_bills


def judge(campaigns: Iterable[Campaign], purchase: Purchase, configuration: Configuration) -> list[Verdict]:
    """Judge the campaigns that run, raise the points of the lines, and say what each campaign gives."""
    running = [c for c in sorted(campaigns, key=lambda c: c.order) if c.runs(purchase.instant)]
    verdicts = [Verdict(c, reason_against(c, purchase, configuration), min_bill=_min_bill(c, configuration)) for c in running]
    met = [v for v in verdicts if v.reason is None]
    for verdict in met:
        if verdict.campaign.kind == CHALLENGE and not has_reward(verdict.campaign, purchase.own_bills):
            so_far = spent(verdict.campaign, purchase.own_bills)
            verdict.reward = so_far + purchase.amount >= exact(verdict.campaign.body["targetSpend"])
    exclude(verdicts)
    met = [verdict for verdict in met if verdict.reason is None]
    for line in purchase.lines:
        multiply(line, [v.campaign for v in met], configuration)
    for verdict in met:
        left = _left(verdict.campaign, purchase, configuration)
        for line in purchase.lines:
            given = line.gifts.get(verdict.campaign.id, ZERO)
            kept = given if left is None else min(given, left - verdict.points)
            line.gifts[verdict.campaign.id] = kept
            line.points -= given - kept
            verdict.points += kept
        if verdict.campaign.kind in {"FIXED_BONUS", REFERRAL} or verdict.reward:
            body = verdict.campaign.body
            first, second = (exact(body.get(name) or 0) for name in ("bonusPoints", "referredBonusPoints"))
            bonus = first + second
            verdict.points = verdict.bonus = bonus if left is None else min(bonus, left)
            verdict.to_referrer = max(verdict.bonus - second, ZERO) if verdict.campaign.kind == REFERRAL else ZERO
    return verdicts


def exclude(verdicts: Sequence[Verdict]) -> None:
    """Let the first exclusive campaign that is met exclude the others of its types."""
    excluding = [v for v in verdicts if v.reason is None and v.campaign.kind in EXCLUDING]
    first = next((v for v in excluding if v.campaign.body.get("exclusive")), None)
    for verdict in excluding:
        if first and verdict is not first:
            verdict.reason = "EXCLUDED"


def change_state(campaign: Campaign, event: str) -> None:
    """Activate, pause or end it, or refuse what its state does not allow."""
    if (campaign.state == ENDED and event != "end") or (campaign.state == DRAFT and event != "activate"):
        raise RefusedError(409, "CAMPAIGN_STATE")
    campaign.state = {"activate": STARTED, "pause": PAUSED, "end": ENDED}[event]


def reason_against(
    campaign: Campaign, purchase: Purchase, configuration: Configuration, *, whatever_bill: bool = False
) -> str | None:
    """Why a bill does not meet a campaign that runs, or would not, whatever bill it is; None when it does."""
    tiers, segments = campaign.body.get("tierIds"), campaign.body.get("segments")
    takes_a_line = any(campaign.takes(line, configuration) for line in purchase.lines)
    checks = (
        (counts_at(campaign, purchase.joined, purchase.instant, configuration), "NOT_RUNNING"),
        (campaign.open_at(configuration.wall_clock(purchase.instant)), "OUTSIDE_HOURS"),
        (not tiers or (purchase.tier is not None and purchase.tier.id in tiers), "TIER"),
        (not segments or bool(set(segments) & set(purchase.segments)), "SEGMENT"),
        (not campaign.opt_in or campaign.id in purchase.joined, "NOT_JOINED"),
        (whatever_bill or purchase.amount >= campaign.min_spend, "MIN_SPEND"),
        (whatever_bill or takes_a_line, "NO_CATEGORY"),
        (campaign.kind != REFERRAL or purchase.refers, "NO_REFERRAL"),
    )
    unmet = next((reason for holds, reason in checks if not holds), None)
    if unmet or (campaign.kind == CHALLENGE and has_reward(campaign, purchase.own_bills)):
        return unmet
    return _used_up(campaign, purchase, configuration)


def _min_bill(campaign: Campaign, configuration: Configuration) -> Fraction:
    """The least that must be left of a bill for what it brought to be kept."""
    least = configuration.number("referralMinBill") if campaign.kind == REFERRAL else ZERO
    return max(campaign.min_spend, least)


def _used_up(campaign: Campaign, purchase: Purchase, configuration: Configuration) -> str | None:
    """The first of its caps that leaves nothing to give; None when there is room."""
    everyone, own, precision = purchase.all_bills, purchase.capped_bills(campaign), configuration.precision
    checks = (
        (_room(campaign.cap("maxUses"), Fraction(uses(campaign.id, everyone)), 0), "USES_EXHAUSTED"),
        (_room(campaign.cap("maxPoints"), points_given(campaign.id, everyone), precision), "POINTS_EXHAUSTED"),
        (_room(campaign.cap("maxUsesPerCard"), Fraction(uses(campaign.id, own)), 0), "CARD_USES_EXHAUSTED"),
        (_room(campaign.cap("maxPointsPerCard"), points_given(campaign.id, own), precision), "CARD_POINTS_EXHAUSTED"),
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
    money = max(budget - money_given(campaign.id, purchase.all_bills), ZERO)
    return round_down(money / configuration.rate, configuration.precision)


def _left(campaign: Campaign, purchase: Purchase, configuration: Configuration) -> Fraction | None:
    """Most points that the campaign may give on this bill; None when nothing limits it."""
    limits = [_budget_points(campaign, purchase, configuration)]
    for name, bills in (("maxPoints", purchase.all_bills), ("maxPointsPerCard", purchase.capped_bills(campaign))):
        cap = campaign.cap(name)
        if cap is not None:
            limits.append(round_down(max(cap - points_given(campaign.id, bills), ZERO), configuration.precision))
    return min((limit for limit in limits if limit is not None), default=None)


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]
