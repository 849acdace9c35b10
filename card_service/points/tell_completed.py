"""The word that a bill has completed a challenge, for whoever wants to tell the customer."""

from collections.abc import Iterable

from card_service.campaigns.campaign import Campaign
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.outbox.emit import emit

EVENT = "challenge.completed"


def tell_completed(session: Session, context: Context, card_id: int, bill_id: int, completed: Iterable[Campaign]) -> None:
    """Queue an event for each challenge that this bill completes: one that is lost and reached again is told again."""
    for campaign in completed:
        payload = {"cardId": card_id, "campaignId": campaign.id, "billId": bill_id}
        emit(session, context, EVENT, once=f"{campaign.id}:{card_id}:{bill_id}", card_id=card_id, payload=payload)
