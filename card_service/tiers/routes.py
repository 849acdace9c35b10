"""The tiers of a tenant, and where its cards are on the ladder."""

from typing import Any

from card_service.card_config.schemas import PageQuery
from card_service.kit.auth.caller import ADMIN, ROLES
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.kit.pace import pace_of_requests
from card_service.ledger.idempotency import once
from card_service.tiers import schemas
from card_service.tiers.change import ChangeTier, change_tier, delete_tier
from card_service.tiers.create import CREATE, PRESETS, CreateTier, create_preset, create_tier
from card_service.tiers.history import ListChanges, list_changes
from card_service.tiers.recalculate import Recalculate, recalculate
from card_service.tiers.set_by_hand import SetTier, set_tier
from card_service.tiers.standing import read_standing
from card_service.tiers.tier import get_tier, list_tiers

blueprint = Blueprint("tiers", __name__, url_prefix="/api/v1", description="The tiers of a tenant, and which card is in which")
UNKNOWN = ("CARD_NOT_FOUND",)


@blueprint.call("GET", "/tiers", roles=(ADMIN,), gives=schemas.TierPage)
def list_all() -> Any:
    """List all tiers, the lowest first, inactive ones too."""
    return http.read(list_tiers, None)


@blueprint.call("POST", "/tiers", roles=(ADMIN,), takes=schemas.CreateTierBody, gives=schemas.Tier, status=201)
def create(body: CreateTier) -> Any:
    """Make a tier; cards come into it with their next earn, or at a review."""
    return http.transact(once(CREATE, create_tier, status=201), body)


@blueprint.call(
    "POST",
    "/tiers/presets",
    roles=(ADMIN,),
    takes=schemas.PresetBody,
    gives=schemas.TierPage,
    status=201,
    refuses=("TIERS_EXIST",),
)
def make_preset(body: dict[str, Any]) -> Any:
    """Make the four tiers BRONZE, SILVER, GOLD and PLATINUM for a tenant that has none."""
    return http.transact(once(PRESETS, create_preset, status=201), body["preset"])


@blueprint.call(
    "POST",
    "/tiers/recalculate",
    roles=(ADMIN,),
    takes=schemas.RecalculateBody,
    gives=schemas.RecalculatedAnswer,
    refuses=UNKNOWN,
)
def review_now(body: Recalculate) -> Any:
    """Review one card or all of them now, as many as fit into a request, or only say what that would do."""
    context = http.context()
    return recalculate(http.database(), context, body, pace_of_requests(), lambda: context.now)


@blueprint.call("GET", "/tiers/<id:tier_id>", roles=(ADMIN,), gives=schemas.Tier, refuses=("NOT_FOUND",))
def get(tier_id: int) -> Any:
    """Show a tier."""
    return http.read(get_tier, tier_id)


@blueprint.call(
    "PUT",
    "/tiers/<id:tier_id>",
    roles=(ADMIN,),
    takes=schemas.ChangeTierBody,
    gives=schemas.Tier,
    refuses=("NOT_FOUND", "TIER_IN_USE"),
)
def change(tier_id: int, body: dict[str, Any]) -> Any:
    """Change the fields that are sent; bills already paid stay as they were."""
    return http.transact(change_tier, ChangeTier(tier_id, body))


@blueprint.call("DELETE", "/tiers/<id:tier_id>", roles=(ADMIN,), status=204, refuses=("NOT_FOUND", "TIER_IN_USE"))
def delete(tier_id: int) -> Any:
    """Take a tier out of use."""
    return http.transact(delete_tier, tier_id)


@blueprint.call(
    "PUT",
    "/loyalty/tier/update/<id:customer_id>",
    roles=(ADMIN,),
    takes=schemas.SetTierBody,
    gives=schemas.Standing,
    refuses=("CARD_NOT_FOUND", "CARD_NOT_ACTIVE", "NOT_FOUND"),
)
def update_tier(customer_id: int, body: dict[str, Any]) -> Any:
    """Set a customer's tier by hand, until a day or for good."""
    return http.transact(set_tier, SetTier(customer_id, **body))


@blueprint.call("GET", "/cards/<id:card_id>/tier", roles=ROLES, gives=schemas.Standing, refuses=UNKNOWN)
def get_standing(card_id: int) -> Any:
    """Show where a card is on the ladder, and what the next tier asks for."""
    return http.read(read_standing, card_id)


@blueprint.call(
    "GET",
    "/cards/<id:card_id>/tier/history",
    roles=ROLES,
    query=PageQuery,
    gives=schemas.TierChangePage,
    refuses=UNKNOWN,
)
def get_history(card_id: int, query: dict[str, Any]) -> Any:
    """List every change of a card's tier, newest first."""
    return http.read(list_changes, ListChanges(card_id=card_id, **query))
