"""The bodies and answers about members."""

from typing import Any

from marshmallow import post_load, validates_schema

from card_service.cards.schemas import require_one
from card_service.kit.http.fields import Document, Whole
from card_service.kit.http.together import exactly_one
from card_service.loyalty.enroll import EnrollCard, MemberRef


class EnrollBody(Document):
    """A member, by card or by customer, and a programme; null takes the card out of the one that it is in."""

    together = (exactly_one("cardId", "customerId"),)

    card_id = Whole(load_default=None)
    customer_id = Whole(load_default=None)
    program_id = Whole(required=True, allow_none=True)

    @validates_schema(skip_on_field_errors=True)
    def check_member(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse two names for the member, and none."""
        require_one(data, {"card_id": "cardId", "customer_id": "customerId"})

    @post_load
    def command(self, data: dict[str, Any], **_: Any) -> EnrollCard:
        """Make the command."""
        return EnrollCard(MemberRef(data["card_id"], data["customer_id"]), data["program_id"])
