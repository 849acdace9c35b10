"""Why a bill earns what it earns: of each category its percentage, the tier and the campaigns, as sentences with figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from card_service.campaigns.campaign import REFERRAL, TIER_CHALLENGE
from card_service.kit.money import ZERO
from card_service.points.lines import QuotedLine
from card_service.points.promotion import CampaignApplied
from card_service.points.terms import Why
from card_service.web.counter_card import Category
from card_service.web.counter_quote import Preview
from card_service.web.formats import Formats
from card_service.web.i18n import later, translate

NOT_MET = {
    "NOT_RUNNING": later("it is over for this customer"),
    "PROGRAM_NOT_ACTIVE": later("the programme of this card does not run today"),
    "OUTSIDE_HOURS": later("it is not on at this hour or day"),
    "TIER": later("it is for other tiers"),
    "SEGMENT": later("it is for other customers"),
    "NOT_JOINED": later("the customer has not joined it"),
    "MIN_SPEND": later("the bill is too small for it"),
    "NO_CATEGORY": later("nothing on the bill counts for it"),
    "NO_REFERRAL": later("this bill brings no new friend"),
    "USES_EXHAUSTED": later("it is used up"),
    "POINTS_EXHAUSTED": later("its points are used up"),
    "CARD_USES_EXHAUSTED": later("the customer has used it as often as may be"),
    "CARD_POINTS_EXHAUSTED": later("the customer has had all the points of it that may be"),
    "BUDGET_SPENT": later("its budget is spent"),
    "EXCLUDED": later("another campaign goes first"),
}
"""Why a campaign that runs does not apply, by the reasons of docs/programme.md section 3."""
OF_THE_REFERRER = {
    "CARD_USES_EXHAUSTED": later("whoever brought the customer has used it as often as may be"),
    "CARD_POINTS_EXHAUSTED": later("whoever brought the customer has had all the points of it that may be"),
}
"""The caps for one card are those of the referrer where a campaign pays for friends."""


@dataclass(frozen=True, slots=True)
class LineWhy:
    """Of one category: what its percentage makes, and what each tier and campaign adds or a limit takes off."""

    category: str
    percentage: str
    further: list[str]
    points: str


def why_points(preview: Preview, categories: Sequence[Category], formats: Formats) -> list[LineWhy]:
    """Explain the points of every line that earns something."""
    names = {category.id: category.name for category in categories}
    return [
        _line(line, names.get(line.category_id, str(line.category_id)), formats)
        for line in preview.quote.items
        if line.points or line.why
    ]


def why_campaigns(preview: Preview, formats: Formats) -> tuple[list[str], list[str]]:
    """Say which campaigns apply and what they give the customer, and why the others do not."""
    apply, others = [], []
    for campaign in preview.quote.campaigns:
        own = _own_points(campaign, preview)
        if not campaign.applies:
            code = str(campaign.reason)
            why_not = OF_THE_REFERRER.get(code, NOT_MET[code]) if campaign.type == REFERRAL else NOT_MET[code]
            reason = translate(why_not)
            others.append(translate("%(campaign)s does not apply: %(reason)s.", campaign=campaign.name, reason=reason))
        elif campaign.type == REFERRAL and not own:
            text = later("%(campaign)s applies: it is for the friend who referred this customer.")
            apply.append(translate(text, campaign=campaign.name))
        elif own or campaign.type != TIER_CHALLENGE:
            points = formats.points(own)
            apply.append(translate("%(campaign)s applies: %(points)s points.", campaign=campaign.name, points=points))
        else:
            apply.append(translate("%(campaign)s applies: this bill counts for it.", campaign=campaign.name))
    return apply, others


def _own_points(campaign: CampaignApplied, preview: Preview) -> Decimal:
    """Tell what a campaign gives this customer: one for bringing a friend tells the points of both sides."""
    if campaign.type != REFERRAL:
        return campaign.points
    # A rule may have the campaign's number, and even its name; bonuses of campaigns come first.
    mine = (bonus.points for bonus in preview.bonuses if (bonus.id, bonus.name) == (campaign.id, campaign.name))
    return next(mine, ZERO)


def _line(line: QuotedLine, category: str, formats: Formats) -> LineWhy:
    plain = line.points - sum((why.points for why in line.why), ZERO)
    percentage = translate(
        "%(percent)s of %(amount)s: %(points)s points",
        percent=formats.percent(line.point_percentage),
        amount=formats.money(line.eligible_amount),
        points=formats.points(plain),
    )
    return LineWhy(category, percentage, [_further(why, formats) for why in line.why], formats.points(line.points))


def _further(why: Why, formats: Formats) -> str:
    if why.source == "CAP":
        text = later("%(name)s, no more to give: %(points)s")
        return translate(text, name=why.name, points=formats.points(why.points))
    text = later("%(name)s, %(times)s×: %(points)s")  # noqa: RUF001 - a sign of multiplication
    return translate(text, name=why.name, times=formats.times(why.multiplier), points=_signed(why.points, formats))


def _signed(points: Decimal, formats: Formats) -> str:
    return ("+" if points >= 0 else "") + formats.points(points)
