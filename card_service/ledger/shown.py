"""The balance that a reader is shown: less the lots that are past their date and that no posting has settled yet."""

from decimal import Decimal

from sqlalchemy import ColumnElement, bindparam, case, func, literal, select, type_coerce

from card_service.kit.db.statement import TENANT
from card_service.kit.money import ZERO
from card_service.models.cards import loyalty_cards as card
from card_service.models.ledger import point_lots as lots


def shown_balance() -> ColumnElement[Decimal]:
    """Make the column to select instead of `points_balance`; its statement takes `now` as a parameter.

    Until `next_due_at` no lot can be past its date, so that most rows never look at their lots.
    """
    points = lots.c.remaining.type
    nothing = literal(ZERO, points)
    now = bindparam("now", type_=card.c.next_due_at.type)
    past = (
        select(func.sum(lots.c.remaining))
        .where(
            lots.c.tenant_id == TENANT,
            lots.c.card_id == card.c.id,
            lots.c.remaining > nothing,
            lots.c.expires_at <= now,
        )
        .scalar_subquery()
    )
    unsettled = case((card.c.next_due_at <= now, func.coalesce(past, nothing)), else_=nothing)
    return type_coerce(card.c.points_balance - unsettled, card.c.points_balance.type).label("points_balance")
