"""Taking part in a campaign, and how far a card is in it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, select

from card_service.campaigns.campaign import TIER_CHALLENGE, UNTOUCHED, Campaign, Counted
from card_service.campaigns.counters import join, standings
from card_service.campaigns.rules import challenge_until, runs
from card_service.campaigns.save import CampaignState, find_campaign
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import ValidationFailed
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger.lock import CLOSED, CardNotActive, CardNotFound, lock_card
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import loyalty_cards as cards

OPERATION = "participate"


@dataclass(frozen=True, slots=True)
class Participate:
    """A card, by its id or by its customer, that is to take part in a campaign."""

    campaign_id: int
    card_id: int | None = None
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReadProgress:
    """Of which campaign, and of whom."""

    campaign_id: int
    customer_id: int


class Progress(Answer, frozen=True):
    """How far a card is: `remaining` and `until` are a challenge's; `until` is the first instant that no longer counts."""

    campaign_id: int
    card_id: int
    joined_at: datetime | None
    until: datetime | None
    uses: int
    points: Decimal
    spent: Decimal
    target_spend: Decimal | None
    remaining: Decimal | None
    completed_at: datetime | None


_by_customer = Statement(
    select(cards.c.id)
    .where(cards.c.tenant_id == TENANT, cards.c.customer_id == bindparam("customer_id"))
    .order_by(cards.c.status == CLOSED, cards.c.id.desc())
    .limit(1)
)
_timezone = Statement(select(config.c.timezone).where(config.c.tenant_id == TENANT))


def participate(session: Session, context: Context, request: Participate) -> Progress:
    """Let a card take part from now on; one that does already stays as it is.

    Raises CampaignNotFound, CardNotFound, ValidationFailed for a campaign that nobody need join, CampaignState for one
    that does not run now, CardNotActive.
    """
    campaign = find_campaign(session, request.campaign_id)
    card_id = request.card_id if request.card_id is not None else card_of_customer(session, request.customer_id)
    book = lock_card(session, card_id)
    if not campaign.opt_in:
        raise ValidationFailed({"campaignId": ["This campaign is for everybody: nobody need join it."]})
    if not runs(campaign, context.now):
        raise CampaignState("This campaign does not run now")
    if not book.is_active:
        raise CardNotActive
    found = standings(session, (campaign.id,), card_id, lock=True)[campaign.id].card
    if found.joined_at is None:
        join(session, campaign.id, card_id, context.now)
        found = Counted(found.uses, found.points, found.amount, found.spent, context.now)
    return _progress(session, campaign, card_id, found)


def read_progress(session: Session, context: Context, query: ReadProgress) -> Progress:  # noqa: ARG001
    """Tell how far the card of a customer is; raises CampaignNotFound, CardNotFound."""
    campaign = find_campaign(session, query.campaign_id)
    card_id = card_of_customer(session, query.customer_id)
    found = standings(session, (campaign.id,), card_id, lock=False).get(campaign.id, UNTOUCHED).card
    return _progress(session, campaign, card_id, found)


def card_of_customer(session: Session, customer_id: int | None) -> int:
    """Find a customer's card: the live one, or else the last that was closed; raises CardNotFound."""
    row = session.one(_by_customer, customer_id=customer_id)
    if row is None:
        raise CardNotFound
    return int(row[0])


def _progress(session: Session, campaign: Campaign, card_id: int, found: Counted) -> Progress:
    is_challenge = campaign.type == TIER_CHALLENGE and campaign.target_spend is not None
    until = None
    if is_challenge and found.joined_at is not None:
        ((timezone,),) = session.all(_timezone)
        until = challenge_until(campaign, found.joined_at, timezone)
    return Progress(
        campaign_id=campaign.id,
        card_id=card_id,
        joined_at=found.joined_at,
        until=until,
        uses=found.uses,
        points=found.points,
        spent=found.spent,
        target_spend=campaign.target_spend,
        remaining=max(campaign.target_spend - found.spent, ZERO) if campaign.target_spend is not None else None,
        completed_at=found.completed_at,
    )
