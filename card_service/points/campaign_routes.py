"""What needs bills and tiers: who could have a campaign, trying one on bills of the past, and what it has brought."""

from datetime import date
from typing import Any

from card_service.campaigns import schemas
from card_service.campaigns.results import read_results
from card_service.kit.auth.caller import ADMIN, ROLES
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.points.campaign_eligible import read_eligible
from card_service.points.campaign_trial import TryCampaign, try_campaign

blueprint = Blueprint(
    "campaign-results", __name__, url_prefix="/api/v1/campaigns", description="What a campaign has brought, or would have"
)


@blueprint.call(
    "POST",
    "/<id:campaign_id>/dry-run",
    roles=(ADMIN,),
    takes=schemas.DryRunBody,
    gives=schemas.DryRunAnswer,
    refuses=("NOT_FOUND",),
)
def dry_run(campaign_id: int, body: dict[str, date]) -> Any:
    """Tell what a campaign would have given on bills of the past, as if it alone had run."""
    return http.read(try_campaign, TryCampaign(campaign_id, body["from_"], body["to"]))


@blueprint.call("GET", "/<id:campaign_id>/results", roles=(ADMIN,), gives=schemas.ResultsAnswer, refuses=("NOT_FOUND",))
def results(campaign_id: int) -> Any:
    """Tell what a campaign has given, and how its bills compare with the others of its window."""
    return http.read(read_results, campaign_id)


@blueprint.call(
    "GET",
    "/customer/<id:customer_id>/eligible",
    roles=ROLES,
    gives=schemas.EligibleAnswer,
    refuses=("CARD_NOT_FOUND",),
)
def eligible(customer_id: int) -> Any:
    """Tell of each campaign that runs whether a customer could have it, and why not."""
    return http.read(read_eligible, customer_id)
