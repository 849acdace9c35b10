"""When a lot expires, as a column: what `Validity.ends_at` tells of one."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case

from card_service.ledger.validity import ACTIVITY
from card_service.models.cards import loyalty_cards as card
from card_service.models.ledger import point_lots as lots

LOT_ENDS_AT: ColumnElement[Any] = case(
    (and_(lots.c.dated_by == ACTIVITY, card.c.active_until > lots.c.expires_at), card.c.active_until),
    else_=lots.c.expires_at,
)
"""Of a lot that is joined with its card."""
