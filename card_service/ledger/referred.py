"""What a referrer's card has earned by the cards it referred."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.ledger import point_transactions as ledger


def _sums(*types: str) -> Statement[tuple[Any, ...]]:
    return Statement(
        select(ledger.c.referred_card_id, func.sum(ledger.c.points, type_=ledger.c.points.type))
        .where(
            ledger.c.tenant_id == TENANT,
            ledger.c.card_id == bindparam("card_id"),
            ledger.c.type.in_(types),
            ledger.c.referred_card_id.in_(bindparam("referred_ids", expanding=True)),
        )
        .group_by(ledger.c.referred_card_id)
    )


_points = _sums("REFERRAL_EARNED", "REFERRAL_REVERSED")
_bonus_points = _sums("BONUS", "REVERSED")


def points_by_referred(session: Session, card_id: int, referred_ids: Sequence[int]) -> dict[int, Decimal]:
    """Sum what this card was credited for each of the referred cards, less what returns took back.

    A card without any such row is not in the answer.
    """
    if not referred_ids:
        return {}
    rows = session.all(_points, card_id=card_id, referred_ids=list(referred_ids))
    return dict(rows)


def bonuses_by_referred(session: Session, card_id: int, referred_ids: Sequence[int]) -> dict[int, Decimal]:
    """Sum the bonuses that this card was given for each of the referred cards, less what returns took back."""
    if not referred_ids:
        return {}
    rows = session.all(_bonus_points, card_id=card_id, referred_ids=list(referred_ids))
    return dict(rows)
