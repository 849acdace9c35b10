"""Who was referred by a card. Linking answers the card, so that route is among those of the cards."""

from typing import Any

from card_service.card_config.schemas import PageQuery
from card_service.kit.auth.caller import ROLES
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.referrals import schemas
from card_service.referrals.list import ListReferrals, list_referrals

blueprint = Blueprint("referrals", __name__, url_prefix="/api/v1/cards", description="Cards that a card has referred")


@blueprint.call(
    "GET",
    "/<id:card_id>/referrals",
    roles=ROLES,
    query=PageQuery,
    gives=schemas.ReferralPage,
    refuses=("CARD_NOT_FOUND",),
)
def list_referred(card_id: int, query: dict[str, Any]) -> Any:
    """List the cards that this card has referred, and what each brought it."""
    return http.read(list_referrals, ListReferrals(card_id=card_id, **query))
