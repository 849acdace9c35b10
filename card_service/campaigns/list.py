"""Lists of campaigns: all of a tenant, page by page, and those that run now."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from card_service.campaigns.campaign import Campaign
from card_service.campaigns.change import CampaignAnswer, show_campaign
from card_service.campaigns.load import COLUMNS, campaign_of, load_campaigns
from card_service.campaigns.rules import runs
from card_service.campaigns.save import find_campaign
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.wire import Answer
from card_service.models.campaigns import campaigns as table

_page = Statement(
    select(*COLUMNS)
    .where(table.c.tenant_id == TENANT, table.c.id > bindparam("after"))
    .order_by(table.c.id)
    .limit(bindparam("limit", type_=table.c.id.type)),
    campaign_of,
)


@dataclass(frozen=True, slots=True)
class ListCampaigns:
    """A page: campaigns after an id, at most `limit`."""

    after: int
    limit: int


class ActiveCampaigns(Answer, frozen=True):
    """What runs at this instant."""

    items: list[CampaignAnswer]


def list_campaigns(session: Session, context: Context, query: ListCampaigns) -> list[CampaignAnswer]:
    """List every campaign by id."""
    found: list[Campaign] = session.all(_page, after=query.after, limit=query.limit)
    return [show_campaign(campaign, context.now) for campaign in found]


def get_campaign(session: Session, context: Context, campaign_id: int) -> CampaignAnswer:
    """Show one campaign; raises CampaignNotFound."""
    return show_campaign(find_campaign(session, campaign_id), context.now)


def list_active(session: Session, context: Context, _query: None = None) -> ActiveCampaigns:
    """List what runs now, by priority and id."""
    running = sorted((one for one in load_campaigns(session) if runs(one, context.now)), key=lambda one: one.rank)
    return ActiveCampaigns(items=[show_campaign(campaign, context.now) for campaign in running])
