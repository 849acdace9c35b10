"""Making and changing campaigns: a draft freely, another only in what no bill was promised."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from card_service.campaigns.campaign import DRAFT, ENDED, WEEKDAYS, Campaign
from card_service.campaigns.rules import shown_status
from card_service.campaigns.save import CampaignState, insert_campaign, lock_campaign, plain_fields, save_campaign, with_fields
from card_service.card_config.settings import VersionConflict
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.wire import Answer, camel

CHANGEABLE = frozenset(
    {
        *("name", "description", "ends_at", "priority", "budget"),
        *("max_uses", "max_points", "max_uses_per_card", "max_points_per_card"),
    }
)
"""What may be changed of a campaign that is no draft any more."""


class CampaignAnswer(Answer, frozen=True):
    """A campaign as people see it; `status` is that of this instant."""

    id: int
    name: str
    description: str | None
    type: str
    status: str
    starts_at: datetime
    ends_at: datetime
    weekdays: list[str]
    from_time: str | None
    to_time: str | None
    tier_ids: list[int]
    segments: list[str]
    category_ids: list[int]
    min_spend: Decimal
    opt_in: bool
    multiplier: Decimal | None
    bonus_points: Decimal | None
    referred_bonus_points: Decimal | None
    target_spend: Decimal | None
    days: int | None
    reward_tier_id: int | None
    max_uses: int | None
    max_points: Decimal | None
    max_uses_per_card: int | None
    max_points_per_card: Decimal | None
    budget: Decimal | None
    priority: int
    exclusive: bool
    version: int


@dataclass(frozen=True, slots=True)
class ChangeCampaign:
    """The fields to change, and the version last read if the caller wants it checked."""

    campaign_id: int
    fields: dict[str, Any]
    version: int | None = None


def show_campaign(campaign: Campaign, now: datetime) -> CampaignAnswer:
    """Show a campaign."""
    found = plain_fields(campaign)
    del found["has_total"]
    return CampaignAnswer(**found | {"status": shown_status(campaign, now)})


def create_campaign(session: Session, context: Context, given: dict[str, Any]) -> CampaignAnswer:
    """Make a draft; raises ValidationFailed."""
    draft = Campaign(0, given["name"], given["type"], DRAFT, given["starts_at"], given["ends_at"])
    return show_campaign(insert_campaign(session, context, with_fields(draft, _in_order(given))), context.now)


def change_campaign(session: Session, context: Context, change: ChangeCampaign) -> CampaignAnswer:
    """Change the fields that were sent; raises CampaignNotFound, VersionConflict, CampaignState, ValidationFailed."""
    before = lock_campaign(session, change.campaign_id)
    if change.version is not None and change.version != before.version:
        raise VersionConflict
    after = with_fields(before, _in_order(change.fields))
    if before.status == ENDED:
        raise CampaignState
    if before.status != DRAFT:
        was, now = plain_fields(before), plain_fields(after)
        kept = [camel(name) for name in now if name not in CHANGEABLE and now[name] != was[name]]
        if kept:
            raise CampaignState(f"Only a draft may be changed in {', '.join(kept)}")
    return show_campaign(save_campaign(session, context, "change", before, after), context.now)


def _in_order(given: dict[str, Any]) -> dict[str, Any]:
    """Give weekdays in the order of the week, each once."""
    if "weekdays" not in given:
        return given
    return given | {"weekdays": tuple(day for day in WEEKDAYS if day in given["weekdays"])}
