"""A card as every answer shows it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Update, bindparam, select, update

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.wire import Answer
from card_service.ledger.lock import ACTIVE, CardNotFound
from card_service.ledger.shown import shown_balance
from card_service.models.cards import loyalty_cards as card


class CardAnswer(Answer, frozen=True):
    """A card, its holder and its points; `points_balance` may be negative, by the debt."""

    id: int
    card_number: str
    customer_id: int | None
    customer_name: str | None
    customer_phone: str | None
    customer_email: str | None
    referrer_card_id: int | None
    points_balance: Decimal
    points_pending: Decimal
    points_debt: Decimal
    total_points_earned: Decimal
    total_points_redeemed: Decimal
    total_referral_points_earned: Decimal
    status: str
    is_active: bool
    issued_at: datetime
    last_transaction_at: datetime | None
    version: int


_STORED = [name for name in CardAnswer.__struct_fields__ if name != "is_active"]
CARD_COLUMNS = tuple(shown_balance() if name == "points_balance" else card.c[name] for name in _STORED)
"""What a statement selects to make a CardAnswer; it takes `now` as a parameter."""


def card_of(*values: Any) -> CardAnswer:
    """Make the answer of a row of CARD_COLUMNS."""
    found = dict(zip(_STORED, values, strict=True))
    return CardAnswer(**found, is_active=found["status"] == ACTIVE)


_by_id = Statement(select(*CARD_COLUMNS).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id")), card_of)


def show_card(session: Session, context: Context, card_id: int) -> CardAnswer:
    """Show a card by its id; raises CardNotFound."""
    found = session.one(_by_id, card_id=card_id, now=context.now)
    if found is None:
        raise CardNotFound
    return found


def update_card(*columns: str) -> Update:
    """Build the UPDATE of these columns of the locked card `card_id`; it counts as a new version at `now`."""
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    values["version"] = card.c.version + 1
    values["updated_at"] = bindparam("now", type_=card.c.updated_at.type)
    return update(card).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id")).values(values)
