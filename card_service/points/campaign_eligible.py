"""Which campaigns a customer could have now, whatever they buy, and why not the others."""

from datetime import datetime

from card_service.campaigns.change import CampaignAnswer, show_campaign
from card_service.campaigns.counters import standings
from card_service.campaigns.load import campaigns_of
from card_service.campaigns.participate import card_of_customer
from card_service.campaigns.rules import Judged, Visit, judge, runs
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.wire import Answer
from card_service.ledger.lock import CardNotFound
from card_service.points.due_bonuses import is_settled
from card_service.points.look import CardRef, look
from card_service.points.membership import member_of
from card_service.programs.load import earns

NO_BILL, OPERATION = 0, "eligible"


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


def judge_card(session: Session, context: Context, card_id: int) -> list[Judged]:
    """Judge each campaign that runs, for a card with its tier and segments, without a bill; raises CardNotFound."""
    seen = look(session, context, CardRef(card_id=card_id), NO_BILL, OPERATION)
    if seen.card_id is None:
        raise CardNotFound
    rules = seen.rules
    known = campaigns_of(session, rules.version, rules.updated_at)
    running = [one for one in known if runs(one, context.now)]
    if not running:
        return []
    tier = member_of(session, context, seen, card_id).tier
    # Nobody has referred the card, or a bill has settled that and stands; else a bill tells.
    is_out = seen.referrer_id is None or is_settled(session, seen)
    visit = Visit(
        context.now,
        rules.timezone,
        rules.points_to_amount_rate,
        rules.points_precision,
        tier.id if tier else None,
        seen.segments,
        brings_friend=False if is_out else None,
        earns=earns(session, rules, seen.tier.program_id, context.now),
    )
    return judge(running, visit, standings(session, (one.id for one in running), card_id, seen.referrer_id, lock=False))


def read_eligible(session: Session, context: Context, customer_id: int) -> EligibleCampaigns:
    """Judge each campaign that runs for a customer's card; raises CardNotFound."""
    card_id = card_of_customer(session, customer_id)
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
            for one in judge_card(session, context, card_id)
        ],
    )
