"""What campaigns make of a bill: its lines multiplied, bonuses beside them, challenges moved on. Pure, like `rules.py`.

docs/programme.md section 3. The lines come with the points that base, percentage and tier make of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from card_service.campaigns.campaign import FIXED_BONUS, MULTIPLIERS, REFERRAL, TIER_CHALLENGE, Campaign
from card_service.campaigns.counters import Gift
from card_service.campaigns.rules import Judged
from card_service.campaigns.stacking import of_line, shown, stack
from card_service.card_config.rulebook import Rulebook
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.points.bill import BillCampaign
from card_service.points.bonuses import Bonus
from card_service.points.rules import Line, cost
from card_service.points.terms import Part, Why


class CampaignApplied(Answer, frozen=True):
    """A campaign that runs: whether it applies to the bill, the first reason why not, and what it gives."""

    id: int
    name: str
    type: str
    applies: bool
    reason: str | None
    points: Decimal


@dataclass(slots=True)
class Promotion:
    """What the campaigns give on a bill, for its answer, its bonuses, the counters and its document."""

    shown: list[CampaignApplied] = field(default_factory=list)
    bonuses: list[Bonus] = field(default_factory=list)
    gifts: list[Gift] = field(default_factory=list)
    document: list[BillCampaign] = field(default_factory=list)
    completed: list[Campaign] = field(default_factory=list)
    """Challenges that the bill completes."""


@dataclass(frozen=True, slots=True)
class Promoted:
    """The bill that campaigns are asked about; `card_id` is None where a quote names no card.

    `referrer_id` is the card that referred this one, None where it cannot be paid.
    """

    bill_id: int
    amount: Decimal
    card_id: int | None
    at: datetime
    referrer_id: int | None = None


def takes_part(line: Line, rules: Rulebook) -> bool:
    """Tell whether campaigns may touch a line: it earns on something, and is not blocked."""
    return line.excluded_reason is None and line.base > 0 and not rules.restriction_of(line.category_id).campaign_blocked


def apply(judged: Sequence[Judged], lines: Sequence[Line], rules: Rulebook, bill: Promoted) -> Promotion:
    """Give what the campaigns that apply give; the lines are changed, everything else is in the result."""
    result = Promotion()
    of_lines = _multiply([one for one in judged if one.applies and one.campaign.type in MULTIPLIERS], lines, rules)
    for one in judged:
        campaign, points = one.campaign, ZERO
        gift: Gift | None = None
        if one.applies and campaign.type == TIER_CHALLENGE:
            gift = _challenge(one, rules, bill)
            points = gift.points
        elif one.applies and campaign.type in MULTIPLIERS:
            points = of_lines.get(campaign.id, ZERO)
        elif one.applies:
            points = _at_most(sum((most for *_, most in _offers(campaign, bill)), ZERO), one.left)
        amount = cost(points, rules.points_to_amount_rate)
        gift = gift or (Gift(campaign, 1, points, amount) if points else None)
        if gift is not None:
            _note(result, gift, rules, bill)
            result.bonuses += _bonuses(gift, rules, bill)
        result.shown.append(
            CampaignApplied(
                id=campaign.id,
                name=campaign.name,
                type=campaign.type,
                applies=one.applies,
                reason=one.reason,
                points=points,
            )
        )
    return result


def _offers(campaign: Campaign, bill: Promoted) -> list[tuple[str, int | None, Decimal]]:
    """Tell the bonuses that a campaign promises beside the lines: the kind, whose, how much; a cap cuts the last one first."""
    points = campaign.bonus_points or ZERO
    if campaign.type == REFERRAL:
        return [("REFERRED", bill.card_id, campaign.referred_bonus_points or ZERO), ("REFERRAL", bill.referrer_id, points)]
    kinds = {FIXED_BONUS: "CAMPAIGN", TIER_CHALLENGE: "CHALLENGE"}
    return [(kinds[campaign.type], bill.card_id, points)] if campaign.type in kinds else []


def _bonuses(gift: Gift, rules: Rulebook, bill: Promoted) -> list[Bonus]:
    """Share out the points of a gift among those whom the campaign promises some; without a card there is nobody."""
    found, left, min_bill = [], gift.points, _min_bill(gift.campaign, rules)
    for kind, card_id, most in _offers(gift.campaign, bill):
        points = min(most, left)
        left -= points
        if points and card_id is not None:
            found.append(Bonus(kind, gift.campaign.id, gift.campaign.name, points, card_id, min_bill, of_campaign=True))
    return found


def _min_bill(campaign: Campaign, rules: Rulebook) -> Decimal:
    """Tell how much must be left of a bill for what a campaign gave on it to stay."""
    return max(campaign.min_spend, rules.referral_min_bill) if campaign.type == REFERRAL else campaign.min_spend


def _note(result: Promotion, gift: Gift, rules: Rulebook, bill: Promoted) -> None:
    """Keep a gift for the counters, and what its return will need for the bill."""
    campaign = gift.campaign
    is_challenge = campaign.type == TIER_CHALLENGE
    result.gifts.append(gift)
    result.document.append(
        BillCampaign(
            id=campaign.id,
            type=campaign.type,
            min_spend=_min_bill(campaign, rules),
            rate=rules.points_to_amount_rate,
            # What a challenge gave is counted back by the challenge, which another bill may bring down.
            points=ZERO if is_challenge else gift.points,
            bonus=gift.points if campaign.type in {FIXED_BONUS, REFERRAL} else ZERO,
            amount=ZERO if is_challenge else gift.amount,
            uses=0 if is_challenge else gift.uses,
            spent=gift.spent,
            target=campaign.target_spend if is_challenge else None,
            reward_tier=campaign.reward_tier_id,
        )
    )
    if gift.completed_bill_id == bill.bill_id and is_challenge and gift.uses:
        result.completed.append(campaign)


def _challenge(one: Judged, rules: Rulebook, bill: Promoted) -> Gift:
    """Count the bill for a challenge; the one that reaches the target brings the reward."""
    campaign, before = one.campaign, one.standing.card
    joined_at = before.joined_at or bill.at
    reached = before.spent + bill.amount >= (campaign.target_spend or ZERO)
    if before.completed_bill_id is not None or not reached:
        return Gift(
            campaign,
            spent=bill.amount,
            joined_at=joined_at,
            completed_bill_id=before.completed_bill_id,
            completed_at=before.completed_at,
        )
    points = _at_most(campaign.bonus_points or ZERO, one.left)
    amount = cost(points, rules.points_to_amount_rate)
    return Gift(campaign, 1, points, amount, bill.amount, joined_at, bill.bill_id, bill.at)


def _multiply(judged: Sequence[Judged], lines: Sequence[Line], rules: Rulebook) -> dict[int, Decimal]:
    """Multiply the lines, cut what a cap or the budget does not allow, and sum up what each campaign gave."""
    campaigns = [one.campaign for one in judged]
    parts: list[tuple[Line, list[tuple[Campaign, Decimal]]]] = []
    for line in lines:
        mine = of_line(campaigns, line.category_id) if takes_part(line, rules) else []
        if not mine:
            continue
        stacked = stack(
            line.base * line.percentage,
            line.multiplier,
            line.points,
            mine,
            stacking=rules.campaign_stacking,
            most=rules.max_total_multiplier,
            precision=rules.points_precision,
        )
        line.tier_multiplier = line.multiplier
        line.points, line.multiplier = stacked.points, shown(stacked.multiplier)
        line.why += [_why("CAMPAIGN", campaign, points) for campaign, points in stacked.parts]
        parts.append((line, list(stacked.parts)))
    given: dict[int, Decimal] = {}
    for one in judged:
        campaign, most = one.campaign, one.left
        for line, shares in parts:
            for points in (points for whose, points in shares if whose is campaign):
                kept = _at_most(points, most)
                most = None if most is None else most - kept
                given[campaign.id] = given.get(campaign.id, ZERO) + kept
                if kept < points:
                    line.points -= points - kept
                    line.why.append(_why("CAP", campaign, kept - points))
                if kept:
                    line.parts.append(Part(campaign.id, kept))
    return given


def _why(source: str, campaign: Campaign, points: Decimal) -> Why:
    return Why(source=source, id=campaign.id, name=campaign.name, multiplier=campaign.multiplier or ZERO, points=points)


def _at_most(points: Decimal, left: Decimal | None) -> Decimal:
    return points if left is None else min(points, left)
