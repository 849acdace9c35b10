"""Confirming and cancelling a redemption: both may be sent again and change nothing that has been settled."""

from decimal import Decimal

import msgspec
from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import NotFound
from card_service.kit.money import ZERO
from card_service.ledger.shown import read_shown
from card_service.models.bills import redemptions
from card_service.models.cards import loyalty_cards as cards
from card_service.points.bill import BillAlreadyRedeemed, QuoteLine
from card_service.points.redeem import Allocation, PointsRedeemed

_redemption = Statement(
    select(
        redemptions.c.amount,
        redemptions.c.points,
        cards.c.id,
        redemptions.c.id,
        redemptions.c.allocation,
        redemptions.c.treatment,
        redemptions.c.hold_expires_at,
    )
    .select_from(redemptions.join(cards, (cards.c.id == redemptions.c.card_id) & (cards.c.tenant_id == TENANT)))
    .where(redemptions.c.tenant_id == TENANT, redemptions.c.id == bindparam("redemption_id"))
)


class RedemptionNotFound(NotFound):
    """There is no such redemption."""

    title = "No such redemption"


def confirm_redemption(session: Session, context: Context, redemption_id: int) -> PointsRedeemed:
    """Confirm a redemption. One that was made at once stands already: this is its answer.

    Raises RedemptionNotFound.
    """
    row = session.one(_redemption, redemption_id=redemption_id)
    if row is None:
        raise RedemptionNotFound
    amount, points, card_id, id_, allocation, treatment, expires_at = row
    shown = read_shown(session, context, card_id)
    balance = shown.book.balance if shown is not None else ZERO
    lines = msgspec.json.decode(allocation, type=list[QuoteLine])
    return PointsRedeemed(
        amount_deducted=amount,
        points_redeemed=points,
        new_balance=balance,
        redemption_id=id_,
        allocation=[Allocation(category_id=line.category_id, amount=Decimal(line.amount)) for line in lines],
        treatment=treatment,
        expires_at=expires_at,
    )


def cancel_redemption(session: Session, context: Context, redemption_id: int) -> PointsRedeemed:
    """Cancel a redemption that is only held. One that was made at once comes back with its bill instead.

    Raises RedemptionNotFound, BillAlreadyRedeemed.
    """
    confirm_redemption(session, context, redemption_id)
    detail = "These points are redeemed; they come back when the bill is reversed"
    raise BillAlreadyRedeemed(detail)
