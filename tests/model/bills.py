"""Bills: their lines, what was redeemed on them, and how far they have been returned (docs/contract.md section 6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from .answers import Body, RefusedError
from .arithmetic import ZERO, Weight, exact, round_down, spread
from .configuration import Configuration
from .gifts import Bonus, Gift
from .ledger import EARLY, Hold, Taken
from .tiers import Tier


@dataclass
class Line:
    """All items of one category and one eligibility: net amount, share of the points payment, and points."""

    category_id: int
    eligible: bool
    amount: Fraction
    redeem_blocked: bool = False
    share: Fraction = ZERO
    percentage: Fraction = ZERO
    tier_multiplier: Fraction = Fraction(1)
    multiplier: Fraction = Fraction(1)
    points: Fraction = ZERO
    gifts: dict[int, Fraction] = field(default_factory=dict)
    """What each campaign gave of the points, by its id."""
    excluded: str | None = None
    returned: Fraction = ZERO

    @property
    def base(self) -> Fraction:
        """What earns: the net amount less its share of the points payment."""
        return self.amount - self.share

    @property
    def referral_base(self) -> Fraction:
        """What earns for the referrer: nothing of a line that the law or the till excludes, or while disabled."""
        return ZERO if self.excluded in {"CARD_SYSTEM_DISABLED", "RESTRICTED", "NOT_ELIGIBLE"} else self.base

    @property
    def part_left(self) -> Fraction:
        """The part of the line that has not been returned, 0 to 1."""
        return (self.amount - self.returned) / self.amount if self.amount else ZERO

    @property
    def weight(self) -> Weight:
        """Its claim when something is spread over lines."""
        return Weight(self.amount, self.category_id)


@dataclass
class Redemption:
    """Points paid on a bill, at the rate of that moment, and what has come back of them."""

    points: Fraction
    rate: Fraction
    takes: list[Taken] = field(default_factory=list)
    restored: Fraction = ZERO
    hold: Hold | None = None

    def over(self, now: datetime) -> bool:
        """Whether it was a hold that was cancelled or has lapsed."""
        return self.hold is not None and self.hold.over(now)

    @property
    def amount(self) -> Fraction:
        """The money deducted from the bill."""
        return round_down(self.points * self.rate)


@dataclass
class Bill:
    """A bill that was redeemed, earned or cancelled; `lines` is None until the earn.

    `redemptions` are all that were ever made on it, holds that are over included.
    """

    bill_id: int
    card_id: int
    lines: list[Line] | None = None
    redemptions: list[Redemption] = field(default_factory=list)
    cancelled: bool = False
    precision: int = 2
    rate: Fraction = ZERO
    amount: Fraction = ZERO
    occurred_on: date = date.min
    posted_at: datetime = EARLY
    redemption: Redemption | None = None
    """The one that its earn reckoned with, or that its reversal must give back."""
    referrer_id: int | None = None
    referrer_points: Fraction = ZERO
    referrer_kept: Fraction = ZERO
    gifts: list[Gift] = field(default_factory=list)
    bonuses: list[Bonus] = field(default_factory=list)
    counted: set[int] = field(default_factory=set)
    """The challenges that it counts for."""
    forgiven: dict[object, Fraction] = field(default_factory=dict)
    """Points that no return takes, for they had expired, by the origin of their lots."""

    @property
    def state(self) -> str:
        """OPEN, PARTIALLY_RETURNED or CANCELLED."""
        if self.cancelled:
            return "CANCELLED"
        return "PARTIALLY_RETURNED" if any(line.returned for line in self.lines or []) else "OPEN"

    @property
    def left(self) -> Fraction:
        """What is left of the bill: its amount less what came back, nothing once it is cancelled."""
        return ZERO if self.cancelled else self.amount - sum((line.returned for line in self.lines or []), ZERO)

    def falls_below(self, least: Fraction) -> bool:
        """Whether it is no longer a bill of at least so much."""
        return self.cancelled or self.left < least

    def live_redemption(self, now: datetime) -> Redemption | None:
        """The redemption that stands, a hold that is over not counted."""
        last = self.redemptions[-1] if self.redemptions else None
        return None if last is None or last.over(now) else last

    def restored_target(self) -> Fraction:
        """Redeemed points that must have come back by now."""
        if self.redemption is None:
            return ZERO
        if self.cancelled:
            return self.redemption.points
        open_to_points = [line for line in self.lines or [] if not line.redeem_blocked]
        total = sum((line.amount for line in open_to_points), ZERO)
        returned = sum((line.returned for line in open_to_points), ZERO)
        return round_down(self.redemption.points * returned / total) if total else ZERO

    def kept_by(self, line: Line) -> Fraction:
        """Points of a line that the customer keeps after what was returned so far."""
        fallen = {gift.campaign_id for gift in self.gifts if self._lost(gift)}
        lost = sum((points for campaign_id, points in line.gifts.items() if campaign_id in fallen), ZERO)
        return round_down((line.points - lost) * line.part_left, self.precision)

    @property
    def points_kept(self) -> Fraction:
        """Points of all lines that the customer keeps."""
        return sum((self.kept_by(line) for line in self.lines or []), ZERO)

    def gift_of(self, campaign_id: int) -> Gift | None:
        """What a campaign gave on this bill, unless it was all taken back."""
        gift = next((gift for gift in self.gifts if gift.campaign_id == campaign_id), None)
        return None if gift is None or self._lost(gift) else gift

    def given_by(self, campaign_id: int) -> Fraction:
        """Points that a campaign gave on this bill, less what was to be taken back of them."""
        gift = self.gift_of(campaign_id)
        if gift is None:
            return ZERO
        parts = [round_down(line.gifts.get(campaign_id, ZERO) * line.part_left, self.precision) for line in self.lines or []]
        return sum(parts, gift.bonus)

    def used_by(self, campaign_id: int) -> bool:
        """Whether it is a use of a campaign: it gave points that were not all taken back, or a reward that stands."""
        gift = self.gift_of(campaign_id)
        return gift is not None and (gift.reward or self.given_by(campaign_id) > 0)

    def _lost(self, gift: Gift) -> bool:
        return gift.taken_back if gift.reward else self.falls_below(gift.min_bill)

    def kept_by_referrer(self) -> Fraction:
        """Points that the referrer keeps after what was returned so far."""
        lines = self.lines or []
        whole = sum((line.referral_base for line in lines), ZERO)
        left = sum((line.referral_base * line.part_left for line in lines), ZERO)
        return round_down(self.referrer_points * left / whole, self.precision) if whole else ZERO

    def parts_to_return(self, items: Iterable[Body]) -> list[tuple[Line, Fraction]]:
        """Find the lines that returned items belong to; without a flag the eligible line of a category goes first."""
        parts: list[tuple[Line, Fraction]] = []
        for item in items:
            wanted = exact(item["amount"])
            for line in sorted(self.lines or [], key=lambda line: not line.eligible):
                if line.category_id == item["categoryId"] and item.get("loyaltyEligible", line.eligible) == line.eligible:
                    already = sum((amount for other, amount in parts if other is line), line.returned)
                    part = min(wanted, line.amount - already)
                    parts.append((line, part))
                    wanted -= part
            if wanted:
                raise RefusedError(422, "RETURN_EXCEEDS_BILL")
        return parts


def lines_of(items: Sequence[Body], bill_amount: Fraction | None = None) -> list[Line]:
    """Sum items into lines, in order of first appearance, prorated down to the bill when they exceed it."""
    sums: dict[tuple[int, bool], Fraction] = {}
    for item in items:
        key = (item["categoryId"], item.get("loyaltyEligible", True))
        sums[key] = sums.get(key, ZERO) + exact(item["amount"])
    lines = [Line(category_id, eligible, amount) for (category_id, eligible), amount in sums.items()]
    if bill_amount is not None and sum(sums.values(), ZERO) > bill_amount:
        for line, amount in zip(lines, spread(bill_amount, [line.weight for line in lines]), strict=True):
            line.amount = amount
    return lines


def pay_with_points(lines: Sequence[Line], amount: Fraction, configuration: Configuration) -> None:
    """Give every line its share of a points payment; restricted lines and what no item names take none."""
    for line in lines:
        line.redeem_blocked = configuration.blocked(line.category_id, "redeem")
    payable = [line for line in lines if not line.redeem_blocked]
    amount = min(amount, sum((line.amount for line in payable), ZERO))
    for line, share in zip(payable, spread(amount, [line.weight for line in payable]), strict=True):
        line.share = share


def earn_on(lines: Sequence[Line], configuration: Configuration, tier: Tier | None = None) -> None:
    """Give every line the points that base, percentage and tier alone bring, rounded once."""
    for line in lines:
        line.percentage = configuration.point_percentage(line.category_id)
        if tier:
            line.percentage = tier.percentages.get(line.category_id, line.percentage)
            line.tier_multiplier = line.multiplier = tier.multiplier
        line.excluded = _excluded(line, configuration)
        line.points = points_of(line, configuration)


def points_of(line: Line, configuration: Configuration) -> Fraction:
    """Points of a line by its percentage and multiplier as they are."""
    earning = ZERO if line.excluded else line.percentage * line.multiplier
    return round_down(line.base * earning / 100, configuration.precision)


def referral_points(lines: Iterable[Line], configuration: Configuration) -> Fraction:
    """Points of an active referrer for these lines."""
    base = sum((line.referral_base for line in lines), ZERO)
    return round_down(base * configuration.number("referralPointsPercent") / 100, configuration.precision)


def _excluded(line: Line, configuration: Configuration) -> str | None:
    if not configuration.enabled:
        return "CARD_SYSTEM_DISABLED"
    if configuration.blocked(line.category_id, "earn"):
        return "RESTRICTED"
    if not line.eligible:
        return "NOT_ELIGIBLE"
    return None if line.percentage else "NO_PERCENTAGE"
