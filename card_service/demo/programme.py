"""The programme of the demo pharmacy: its tiers, and two campaigns that go on for two months from the day it is made."""

from datetime import datetime, timedelta
from decimal import Decimal

from card_service.campaigns.change import create_campaign
from card_service.campaigns.list import ListCampaigns, list_campaigns
from card_service.campaigns.status import activate
from card_service.demo import shop
from card_service.kit.context import Context
from card_service.kit.db.database import Database
from card_service.tiers.change import ChangeTier, change_tier
from card_service.tiers.create import TiersExist, create_preset

BEGAN, GOES_ON = timedelta(days=10), timedelta(days=60)
PRESET = "bronze-silver-gold-platinum"
MOST = 100


def set_up(database: Database, context: Context, now: datetime) -> None:
    """Make the tiers and the campaigns, once; `now` is the day of the demo, `context` that of its first bill."""
    try:
        made = database.transact(create_preset, context, PRESET).items
    except TiersExist:
        made = []
    # A small pharmacy has smaller bills than the preset thinks.
    for tier in made:
        if tier.name in shop.TIER_SPEND:
            database.transact(change_tier, context, ChangeTier(tier.id, {"min_spend": Decimal(shop.TIER_SPEND[tier.name])}))
    known = {campaign.name for campaign in database.read(list_campaigns, context, ListCampaigns(0, MOST))}
    window = {"starts_at": now - BEGAN, "ends_at": now + GOES_ON}
    for campaign in shop.CAMPAIGNS:
        if campaign["name"] not in known:
            draft = database.transact(create_campaign, context, {**campaign, **window})
            database.transact(activate, context, draft.id)
