"""What a campaign must say, by its type (docs/programme.md section 3): told field by field, before anything is written."""

from card_service.campaigns.campaign import CATEGORY_BONUS, FIXED_BONUS, POINTS_MULTIPLIER, REFERRAL, TIER_CHALLENGE, Campaign
from card_service.campaigns.rules import MAY_EXCLUDE
from card_service.kit.errors import ValidationFailed
from card_service.kit.wire import camel

OWN_FIELDS = {
    POINTS_MULTIPLIER: ("multiplier",),
    CATEGORY_BONUS: ("multiplier",),
    FIXED_BONUS: ("bonus_points",),
    TIER_CHALLENGE: ("target_spend", "days", "bonus_points", "reward_tier_id"),
    REFERRAL: ("bonus_points", "referred_bonus_points"),
}
"""The fields that only some types have."""
_ALL_OWN = sorted({field for fields in OWN_FIELDS.values() for field in fields})
_ONE_OF = {TIER_CHALLENGE: ("bonus_points", "reward_tier_id"), REFERRAL: ("bonus_points", "referred_bonus_points")}


def check(campaign: Campaign) -> None:
    """Raise ValidationFailed for a campaign that lacks what its type needs or has what is another's."""
    own, one_of = OWN_FIELDS[campaign.type], _ONE_OF.get(campaign.type, ())
    found: dict[str, list[str]] = {}
    for field in _ALL_OWN:
        value = getattr(campaign, field)
        if value is not None and field not in own:
            found[camel(field)] = [f"{campaign.type} has no such field."]
        elif value is None and field in own and field not in one_of:
            found[camel(field)] = [f"{campaign.type} needs it."]
    if one_of and all(getattr(campaign, field) is None for field in one_of):
        found[camel(one_of[0])] = [f"{campaign.type} needs it, or {camel(one_of[1])}."]
    if campaign.type == CATEGORY_BONUS and not campaign.conditions.category_ids:
        found["categoryIds"] = ["CATEGORY_BONUS needs it."]
    if campaign.exclusive and campaign.type not in MAY_EXCLUDE:
        found["exclusive"] = [f"{campaign.type} cannot be exclusive."]
    if campaign.ends_at <= campaign.starts_at:
        found["endsAt"] = ["Must be after startsAt."]
    hours = campaign.conditions.from_time, campaign.conditions.to_time
    if (hours[0] is None) != (hours[1] is None) or (hours[0] is not None and hours[0] == hours[1]):
        found["toTime"] = ["fromTime and toTime come together, and differ."]
    if found:
        raise ValidationFailed(found)
