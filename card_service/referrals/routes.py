"""Who was referred by a card. Linking answers the card, so that route is among those of the cards."""

from typing import Any

from card_service.card_config.schemas import PageQuery
from card_service.kit.auth.caller import ADMIN, ROLES
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.referrals import schemas
from card_service.referrals.list import ListReferrals, list_referrals
from card_service.referrals.report import ReportReferrals, report_referrals
from card_service.referrals.suspicious import ListSuspicious, list_suspicious

blueprint = Blueprint("referrals", __name__, url_prefix="/api/v1/cards", description="Cards that a card has referred")
programme = Blueprint("referral-programme", __name__, url_prefix="/api/v1/referrals", description="Referring as a whole")


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


@programme.call("GET", "/suspicious", roles=(ADMIN,), query=PageQuery, gives=schemas.SuspiciousPage)
def list_worth_a_look(query: dict[str, Any]) -> Any:
    """List referrers whose friends look alike or brought everything back; nothing is refused because of it."""
    return http.read(list_suspicious, ListSuspicious(**query))


@programme.call("GET", "/report", roles=(ADMIN,), query=schemas.ReportQuery, gives=schemas.ReferralReport)
def report(query: dict[str, Any]) -> Any:
    """Tell what referring brings: friends, what they spend beside others, and the points given for them."""
    return http.read(report_referrals, ReportReferrals(**query))
