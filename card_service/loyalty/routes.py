"""The programme as its members see it: who may enroll them, and read what is known of them."""

from typing import Any

from card_service.card_config.schemas import PageQuery
from card_service.cards.find import find_by_customer
from card_service.cards.schemas import Card
from card_service.kit.auth.caller import ADMIN, BILLING, ROLES
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.kit.pagination import decode_cursor, page
from card_service.ledger.idempotency import once
from card_service.loyalty import enroll, schemas
from card_service.loyalty.enroll import MemberRef
from card_service.loyalty.member import read_member
from card_service.loyalty.timeline import ReadTimeline, read_timeline
from card_service.points import answer_schemas, card_schemas, history, metrics, redeem
from card_service.points.routes import REDEEM
from card_service.points.schemas import RedeemPointsBody

blueprint = Blueprint("loyalty", __name__, url_prefix="/api/v1/loyalty", description="The programme as its members see it")


@blueprint.call(
    "POST",
    "/enroll",
    roles=(ADMIN,),
    takes=schemas.EnrollBody,
    gives=Card,
    refuses=("CARD_NOT_FOUND", "NOT_FOUND", "CARD_NOT_ACTIVE", "PROGRAM_NOT_ACTIVE"),
)
def enroll_member(body: enroll.EnrollCard) -> Any:
    """Put a card into a programme that runs today, or move it; its points and its tier stay."""
    return http.transact(once(enroll.OPERATION, enroll.enroll_card), body)


@blueprint.call("GET", "/members/<id:card_id>", roles=ROLES, gives=schemas.MemberAnswer, refuses=("CARD_NOT_FOUND",))
def get_member(card_id: int) -> Any:
    """Show a member as a whole, by the card."""
    return http.read(read_member, MemberRef(card_id=card_id))


@blueprint.call("GET", "/customer/<id:customer_id>", roles=ROLES, gives=schemas.MemberAnswer, refuses=("CARD_NOT_FOUND",))
def get_customer(customer_id: int) -> Any:
    """Show a member as a whole, by the customer who holds the card."""
    return http.read(read_member, MemberRef(customer_id=customer_id))


@blueprint.call(
    "GET",
    "/members/<id:card_id>/activities",
    roles=ROLES,
    query=PageQuery,
    gives=schemas.ActivityPage,
    refuses=("CARD_NOT_FOUND",),
)
def list_activities(card_id: int, query: dict[str, Any]) -> Any:
    """List what happened to a member, newest first."""
    return http.read(read_timeline, ReadTimeline(card_id, **query))


@blueprint.call(
    "GET",
    "/points/history/<id:customer_id>",
    roles=ROLES,
    query=card_schemas.HistoryQuery,
    gives=card_schemas.TransactionPage,
    refuses=("CARD_NOT_FOUND",),
)
def list_history(customer_id: int, query: dict[str, Any]) -> Any:
    """List what was posted to a customer's card, newest first, as GET /cards/{id}/transactions does."""
    card = http.read(find_by_customer, customer_id)
    limit, name = query.pop("limit"), f"history:{card.id}"
    request = history.ReadHistory(card.id, before_seq=decode_cursor(name, query.pop("cursor")), limit=limit + 1, **query)
    return page(name, http.read(history.read_history, request), limit, lambda row: row.seq)


@blueprint.call(
    "POST",
    "/points/redeem",
    roles=(BILLING,),
    takes=RedeemPointsBody,
    gives=answer_schemas.PointsRedeemedAnswer,
    refuses=REDEEM,
)
def redeem_points(body: redeem.RedeemPoints) -> Any:
    """Pay part of a bill with points, once: the very call that /internal/cards/redeem-points is."""
    result = http.transact(redeem.redeem_points, body)
    metrics.count_redeemed(result)
    return result
