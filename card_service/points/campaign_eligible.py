"""Which campaigns a customer could have now, whatever they buy, and why not the others."""

from datetime import datetime

from sqlalchemy import bindparam, select

from card_service.campaigns.campaign import REFERRAL
from card_service.campaigns.change import CampaignAnswer, show_campaign
from card_service.campaigns.counters import standings
from card_service.campaigns.load import load_campaigns
from card_service.campaigns.participate import card_of_customer
from card_service.campaigns.rules import Visit, judge, runs
from card_service.card_config.load import load_rulebook
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.wire import Answer
from card_service.models.cards import loyalty_cards as cards
from card_service.points.look import labels
from card_service.tiers.ladder import load_ladder


class Eligible(Answer, frozen=True):
    """A campaign that runs; `reason` is the first why the card could not have it."""

    campaign: CampaignAnswer
    eligible: bool
    reason: str | None
    joined_at: datetime | None


class EligibleCampaigns(Answer, frozen=True):
    """Every campaign that runs now, for one customer's card."""

    customer_id: int
    card_id: int
    items: list[Eligible]


_card = Statement(
    select(cards.c.tier_id, cards.c.program_id, cards.c.segments).where(
        cards.c.tenant_id == TENANT, cards.c.id == bindparam("card_id")
    )
)


def read_eligible(session: Session, context: Context, customer_id: int) -> EligibleCampaigns:
    """Judge each campaign that runs without a bill; raises CardNotFound."""
    card_id = card_of_customer(session, customer_id)
    ((tier_id, program_id, segments),) = session.all(_card, card_id=card_id)
    rules, tier = load_rulebook(session), load_ladder(session).of_program(program_id).holding(tier_id)
    visit = Visit(
        context.now,
        rules.timezone,
        rules.points_to_amount_rate,
        rules.points_precision,
        tier.id if tier else None,
        labels(segments),
    )
    running = [one for one in load_campaigns(session) if one.type != REFERRAL and runs(one, context.now)]
    found = judge(running, visit, standings(session, (one.id for one in running), card_id, lock=False))
    return EligibleCampaigns(
        customer_id=customer_id,
        card_id=card_id,
        items=[
            Eligible(
                campaign=show_campaign(one.campaign, context.now),
                eligible=one.applies,
                reason=one.reason,
                joined_at=one.standing.card.joined_at,
            )
            for one in found
        ],
    )
