"""What a campaign has given, and how its bills compare with the others of its window."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select

from card_service.campaigns.campaign import THE_WHOLE
from card_service.campaigns.save import find_campaign
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO, round_half_up
from card_service.kit.wire import Answer
from card_service.models.bills import bills
from card_service.models.campaigns import campaign_counters as counters


class Results(Answer, frozen=True):
    """Uses, cards, points and their worth by the counters; bills of the window, those with the campaign and the others."""

    campaign_id: int
    uses: int
    cards: int
    points: Decimal
    amount: Decimal
    bills: int
    average_bill: Decimal | None
    average_bill_others: Decimal | None
    uplift_percent: Decimal | None


_SUMS: tuple[Any, ...] = (
    func.coalesce(func.sum(counters.c.uses), 0),
    func.count(case((counters.c.uses > 0, 1))),
    func.sum(counters.c.points, type_=counters.c.points.type),
    func.sum(counters.c.amount, type_=counters.c.amount.type),
)
_counted = Statement(
    select(*_SUMS).where(
        counters.c.tenant_id == TENANT, counters.c.campaign_id == bindparam("which"), counters.c.card_id != THE_WHOLE
    )
)
_mine = and_(bills.c.campaigns.is_not(None), bills.c.campaigns.like(bindparam("named")))
_BILLS: tuple[Any, ...] = (
    func.count(case((_mine, 1))),
    func.sum(case((_mine, bills.c.bill_amount)), type_=counters.c.points.type),
    func.count(),
    func.sum(bills.c.bill_amount, type_=counters.c.points.type),
)
_compared = Statement(
    select(*_BILLS).where(
        bills.c.tenant_id == TENANT,
        bills.c.occurred_at >= bindparam("start"),
        bills.c.occurred_at < bindparam("end"),
        bills.c.earned_at.is_not(None),
        or_(bills.c.state == "OPEN", bills.c.state == "PARTIALLY_RETURNED"),
    )
)


def read_results(session: Session, context: Context, campaign_id: int) -> Results:  # noqa: ARG001
    """Tell what a campaign has given until now; raises CampaignNotFound."""
    campaign = find_campaign(session, campaign_id)
    ((uses, cards, points, amount),) = session.all(_counted, which=campaign_id)
    # A bill's document names each campaign that gave something, its id first (points/bill.py).
    named = f'%{{"id":{campaign_id},%'
    ((mine, spent, every, spent_in_all),) = session.all(_compared, named=named, start=campaign.starts_at, end=campaign.ends_at)
    spent, spent_in_all = spent or ZERO, spent_in_all or ZERO
    average, others = _average(spent, mine), _average(spent_in_all - spent, every - mine)
    return Results(
        campaign_id=campaign_id,
        uses=int(uses),
        cards=cards,
        points=points or ZERO,
        amount=amount or ZERO,
        bills=mine,
        average_bill=_shown(average),
        average_bill_others=_shown(others),
        uplift_percent=_shown((average / others - 1) * 100) if average is not None and others else None,
    )


def _average(total: Decimal, count: int) -> Fraction | None:
    return Fraction(total) / count if count else None


def _shown(value: Fraction | None) -> Any:
    return None if value is None else round_half_up(Decimal(value.numerator) / Decimal(value.denominator))
