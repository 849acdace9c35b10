"""The calls of Billing and the counter, and the ledger of a card."""

from typing import Any

from card_service.kit.auth.caller import BILLING, CASHIER
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.ledger.idempotency import once
from card_service.points import answer_schemas, calculate, confirm, earn, metrics, redeem, reverse, schemas
from card_service.points.post_batch import post_batch

blueprint = Blueprint(
    "billing", __name__, url_prefix="/api/v1/internal/cards", description="What the tenant's Billing service calls"
)
CARD = ("CARD_NOT_FOUND", "CARD_REPLACED")
BILL = ("CARD_MISMATCH", "BILL_CANCELLED", "BILL_ALREADY_EARNED", "CARD_SYSTEM_DISABLED", "CARD_NOT_ACTIVE")
REDEEM = (
    *CARD,
    *BILL,
    "BILL_ALREADY_REDEEMED",
    "BILL_AMOUNT_REQUIRED",
    "BELOW_MIN_POINTS",
    "INSUFFICIENT_POINTS",
    "MAX_REDEMPTION_EXCEEDED",
)


@blueprint.call(
    "POST",
    "/calculate",
    roles=(CASHIER, BILLING),
    takes=schemas.CalculateBody,
    gives=answer_schemas.QuoteAnswer,
    refuses=CARD,
)
def calculate_bill(body: calculate.Calculate) -> Any:
    """Quote a bill: discounts, what may be paid in points, what it would earn."""
    writes = body.bill_id is not None or http.context().idempotency_key is not None
    return (http.transact if writes else http.read)(calculate.calculate, body)


@blueprint.call(
    "POST",
    "/earn-points",
    roles=(BILLING,),
    takes=schemas.EarnPointsBody,
    gives=answer_schemas.PointsEarnedAnswer,
    refuses=(*CARD, *BILL, "OCCURRED_AT_INVALID"),
)
def earn_points(body: earn.EarnPoints) -> Any:
    """Post the points of a paid bill, once."""
    result = http.transact(earn.earn_points, body)
    metrics.count_earned(result)
    return result


@blueprint.call(
    "POST",
    "/earn-points/batch",
    roles=(BILLING,),
    takes=schemas.EarnBatchBody,
    gives=answer_schemas.EarnBatchAnswer,
)
def earn_batch(body: dict[str, Any]) -> Any:
    """Post up to 100 bills, each by itself, with an answer for each."""
    return post_batch(body)


@blueprint.call(
    "POST",
    "/redeem-points",
    roles=(BILLING,),
    takes=schemas.RedeemPointsBody,
    gives=answer_schemas.PointsRedeemedAnswer,
    refuses=REDEEM,
)
def redeem_points(body: redeem.RedeemPoints) -> Any:
    """Pay part of a bill with points, once."""
    result = http.transact(redeem.redeem_points, body)
    metrics.count_redeemed(result)
    return result


@blueprint.call(
    "POST",
    "/redeem-points/<id:redemption_id>/confirm",
    roles=(BILLING,),
    gives=answer_schemas.PointsRedeemedAnswer,
    refuses=("NOT_FOUND", "HOLD_EXPIRED"),
)
def confirm_redemption(redemption_id: int) -> Any:
    """Confirm a hold; sent again it changes nothing."""
    return http.transact(once("confirm-redemption", confirm.confirm_redemption), redemption_id)


@blueprint.call(
    "POST",
    "/redeem-points/<id:redemption_id>/cancel",
    roles=(BILLING,),
    gives=answer_schemas.PointsRedeemedAnswer,
    refuses=("NOT_FOUND", "BILL_ALREADY_REDEEMED", "HOLD_EXPIRED"),
)
def cancel_redemption(redemption_id: int) -> Any:
    """Give the points of a hold back; sent again it changes nothing."""
    return http.transact(once("cancel-redemption", confirm.cancel_redemption), redemption_id)


@blueprint.call(
    "POST",
    "/reverse-points",
    roles=(BILLING,),
    takes=schemas.ReversePointsBody,
    gives=answer_schemas.PointsReversedAnswer,
    refuses=(*CARD, "BILL_NOT_FOUND", "CARD_MISMATCH", "RETURN_ALREADY_MADE", "RETURN_EXCEEDS_BILL"),
)
def reverse_points(body: reverse.ReversePoints) -> Any:
    """Undo a bill, whole or in part, at the percentages of its earn."""
    result = http.transact(reverse.reverse_points, body)
    metrics.count_reversed(result)
    return result
