"""Campaigns: made and steered by the tenant's admin, read and joined at the counter."""

from dataclasses import replace
from typing import Any

from card_service.campaigns import change, participate, schemas, status
from card_service.campaigns.list import ListCampaigns, get_campaign, list_active, list_campaigns
from card_service.card_config.schemas import PageQuery
from card_service.kit.auth.caller import ADMIN, ROLES
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.kit.pagination import decode_cursor, page
from card_service.ledger.idempotency import once

blueprint = Blueprint("campaigns", __name__, url_prefix="/api/v1/campaigns", description="More points for a while")
LIST = "campaigns"


@blueprint.call("GET", "", roles=(ADMIN,), query=PageQuery, gives=schemas.CampaignPage)
def list_all(query: dict[str, Any]) -> Any:
    """List the campaigns by id."""
    after, limit = decode_cursor(LIST, query["cursor"]) or 0, query["limit"]
    rows = http.read(list_campaigns, ListCampaigns(after, limit + 1))
    return page(LIST, rows, limit, lambda row: row.id)


@blueprint.call("POST", "", roles=(ADMIN,), takes=schemas.CreateCampaignBody, gives=schemas.CampaignShown, status=201)
def create(body: dict[str, Any]) -> Any:
    """Make a draft of a campaign."""
    return http.transact(once("create-campaign", change.create_campaign, status=201), body)


# Before the routes with an id: their words are then the ids of nothing.
@blueprint.call(
    "POST",
    "/participate",
    roles=ROLES,
    takes=schemas.ParticipateBody,
    gives=schemas.ProgressAnswer,
    refuses=("NOT_FOUND", "CARD_NOT_FOUND", "CARD_NOT_ACTIVE", "CAMPAIGN_STATE"),
)
def join(body: participate.Participate) -> Any:
    """Let a card take part in a campaign that asks for it."""
    return http.transact(once(participate.OPERATION, participate.participate), body)


@blueprint.call("GET", "/active", roles=ROLES, gives=schemas.ActiveAnswer)
def active() -> Any:
    """List the campaigns that run now."""
    return http.read(list_active, None)


@blueprint.call("GET", "/<id:campaign_id>", roles=(ADMIN,), gives=schemas.CampaignShown, refuses=("NOT_FOUND",))
def get(campaign_id: int) -> Any:
    """Read a campaign."""
    return http.read(get_campaign, campaign_id)


@blueprint.call(
    "PUT",
    "/<id:campaign_id>",
    roles=(ADMIN,),
    takes=schemas.ChangeCampaignBody,
    gives=schemas.CampaignShown,
    refuses=("NOT_FOUND", "VERSION_CONFLICT", "CAMPAIGN_STATE"),
)
def put(campaign_id: int, body: change.ChangeCampaign) -> Any:
    """Change the fields that are sent; the rest stay as they are."""
    return http.transact(change.change_campaign, replace(body, campaign_id=campaign_id))


def _add_step(word: str, says: str) -> None:
    """Give one change of the status its route."""
    use_case = getattr(status, word)

    def step(campaign_id: int) -> Any:
        return http.transact(once(f"{word}-campaign", use_case), campaign_id)

    step.__name__, step.__doc__ = word, says
    blueprint.call(
        "POST",
        f"/<id:campaign_id>/{word}",
        roles=(ADMIN,),
        gives=schemas.CampaignShown,
        refuses=("NOT_FOUND", "CAMPAIGN_STATE"),
    )(step)


for _word, _says in (
    ("activate", "Let a campaign run in its window."),
    ("pause", "Stop a campaign until it is activated again."),
    ("end", "End a campaign for ever; what it gave stays."),
):
    _add_step(_word, _says)


@blueprint.call(
    "GET",
    "/<id:campaign_id>/progress/<id:customer_id>",
    roles=ROLES,
    gives=schemas.ProgressAnswer,
    refuses=("NOT_FOUND", "CARD_NOT_FOUND"),
)
def progress(campaign_id: int, customer_id: int) -> Any:
    """Tell how far a customer is in a campaign."""
    return http.read(participate.read_progress, participate.ReadProgress(campaign_id, customer_id))
