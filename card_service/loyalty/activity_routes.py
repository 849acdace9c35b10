"""The call that pays for an activity."""

from typing import Any

from card_service.earning_rules import schemas
from card_service.earning_rules.earn_activity import OPERATION, EarnActivity
from card_service.kit.auth.caller import ADMIN, BILLING
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.ledger.idempotency import once
from card_service.loyalty.pay_activity import pay_activity

activities = Blueprint("activities", __name__, url_prefix="/api/v1/loyalty/points", description="Paying for activities")


@activities.call(
    "POST",
    "/earn",
    roles=(BILLING, ADMIN),
    takes=schemas.EarnActivityBody,
    gives=schemas.ActivityEarnedAnswer,
    status=http.CREATED_OR_UPDATED,
    refuses=("CARD_NOT_FOUND", "CARD_SYSTEM_DISABLED", "CARD_NOT_ACTIVE", "PROGRAM_NOT_ACTIVE", "ACTIVITY_CAPPED", "NO_RULE"),
)
def earn(body: EarnActivity) -> Any:
    """Pay for an activity, once for each reference; again is 200 with the first answer."""
    return http.transact(once(OPERATION, pay_activity, status=201), body)
