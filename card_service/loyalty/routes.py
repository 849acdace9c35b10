"""The programme as its members see it: who may enroll them, and read what is known of them."""

from typing import Any

from card_service.cards.schemas import Card
from card_service.kit.auth.caller import ADMIN
from card_service.kit.http import blueprint as http
from card_service.kit.http.blueprint import Blueprint
from card_service.ledger.idempotency import once
from card_service.loyalty import enroll, schemas

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
