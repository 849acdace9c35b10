"""The ledger of one card: its history, newest first, the proof of its books, and adjustments by hand."""

from typing import Any

from card_service.cards.find import CardNotFound
from card_service.kit.auth.caller import ADMIN, BILLING, CASHIER
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.kit.pagination import decode_cursor, page
from card_service.ledger.audit import audit_card
from card_service.ledger.idempotency import once
from card_service.points import adjust, card_schemas, history, metrics

blueprint = Blueprint("ledger", __name__, url_prefix="/api/v1/cards", description="The ledger of a card")
LIST = "transactions"


@blueprint.call(
    "GET",
    "/<id:card_id>/transactions",
    roles=(ADMIN, CASHIER, BILLING),
    query=card_schemas.HistoryQuery,
    gives=card_schemas.TransactionPage,
    refuses=("CARD_NOT_FOUND",),
)
def list_transactions(card_id: int, query: dict[str, Any]) -> Any:
    """List what was posted to a card, newest first."""
    limit = query.pop("limit")
    before = decode_cursor(LIST, query.pop("cursor"))
    request = history.ReadHistory(card_id, before_seq=before, limit=limit + 1, **query)
    return page(LIST, http.read(history.read_history, request), limit, lambda row: row.seq)


@blueprint.call(
    "GET",
    "/<id:card_id>/audit",
    roles=(ADMIN,),
    gives=card_schemas.AuditAnswer,
    refuses=("CARD_NOT_FOUND",),
)
def prove_books(card_id: int) -> Any:
    """Prove that a card's ledger, lots and balances agree, or say where they do not."""
    found = http.transact(audit_card, card_id)
    if found is None:
        raise CardNotFound
    return found


@blueprint.call(
    "POST",
    "/<id:card_id>/adjust-points",
    roles=(ADMIN,),
    takes=card_schemas.AdjustPointsBody,
    gives=card_schemas.PointsAdjustedAnswer,
    refuses=("CARD_NOT_FOUND", "CARD_NOT_ACTIVE", "INSUFFICIENT_POINTS"),
)
def adjust_points(card_id: int, body: dict[str, Any]) -> Any:
    """Give or take points by hand, with a reason."""
    command = adjust.AdjustPoints(card_id=card_id, **body)
    result = http.transact(once(adjust.OPERATION, adjust.adjust_points), command)
    metrics.count_adjusted(result)
    return result
