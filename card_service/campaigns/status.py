"""Activating, pausing and ending a campaign."""

from collections.abc import Callable
from dataclasses import replace

from card_service.campaigns.campaign import ACTIVE, DRAFT, ENDED, PAUSED
from card_service.campaigns.change import CampaignAnswer, show_campaign
from card_service.campaigns.save import CampaignState, lock_campaign, save_campaign
from card_service.kit.context import Context
from card_service.kit.db.session import Session


def _to(status: str, action: str, *, from_: frozenset[str]) -> Callable[[Session, Context, int], CampaignAnswer]:
    def change(session: Session, context: Context, campaign_id: int) -> CampaignAnswer:
        campaign = lock_campaign(session, campaign_id)
        if campaign.status != status:
            if campaign.status not in from_:
                raise CampaignState
            campaign = save_campaign(session, context, action, campaign, replace(campaign, status=status))
        return show_campaign(campaign, context.now)

    return change


activate = _to(ACTIVE, "activate", from_=frozenset({DRAFT, PAUSED}))
"""Let a draft or a paused campaign run in its window; again is no error. Raises CampaignNotFound, CampaignState."""
pause = _to(PAUSED, "pause", from_=frozenset({ACTIVE}))
"""Stop a campaign until it is activated again. Raises CampaignNotFound, CampaignState."""
end = _to(ENDED, "end", from_=frozenset({ACTIVE, PAUSED}))
"""End a campaign for ever; what it gave stays. Raises CampaignNotFound, CampaignState."""
