"""What referring brings: who was brought until a day, and what their bills of some days come to beside those of others."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
from sqlalchemy import bindparam, case, distinct, func, select

from card_service.card_config.load import load_rulebook
from card_service.kit.context import Context
from card_service.kit.days import day_of, end_of, start_of
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import ValidationFailed
from card_service.kit.money import ZERO, round_half_up
from card_service.kit.wire import Answer
from card_service.models.bills import bill_bonuses as bonuses
from card_service.models.bills import bills
from card_service.models.cards import loyalty_cards as card

MOST_DAYS, USUAL_DAYS = 366, 30


@dataclass(frozen=True, slots=True)
class ReportReferrals:
    """Days of the tenant, both included; without the last it is today, without the first the USUAL_DAYS that end there."""

    first_day: date | None = None
    last_day: date | None = None


class ReferralReport(Answer, frozen=True):
    """The days, who was brought until their end, and money and points of the bills of these days, less what came back."""

    from_: date = msgspec.field(name="from")
    to: date
    referrers: int
    friends: int
    friends_with_bills: int
    referral_points: Decimal
    bonus_points: Decimal
    friends_spend: Decimal
    average_spend_of_friends: Decimal | None
    average_spend_of_others: Decimal | None


_money = bills.c.bill_amount.type
_is_friend = card.c.referrer_card_id.is_not(None)
_spent = bills.c.bill_amount - bills.c.amount_returned
_of_days = (
    bills.c.tenant_id == TENANT,
    bills.c.occurred_at >= bindparam("start"),
    bills.c.occurred_at < bindparam("end"),
    bills.c.earned_at.is_not(None),
    bills.c.state != "CANCELLED",
)
_BROUGHT: tuple[Any, ...] = (func.count(distinct(card.c.referrer_card_id)), func.count())
_brought: Statement[tuple[Any, ...]] = Statement(
    select(*_BROUGHT).where(card.c.tenant_id == TENANT, _is_friend, card.c.referrer_linked_at < bindparam("end"))
)
_BOUGHT: tuple[Any, ...] = (
    func.count(distinct(case((_is_friend, card.c.id)))),
    func.count(distinct(card.c.id)),
    func.sum(case((_is_friend, _spent)), type_=_money),
    func.sum(_spent, type_=_money),
    func.sum(bills.c.referrer_points_earned - bills.c.referrer_points_reversed, type_=_money),
)
_bought: Statement[tuple[Any, ...]] = Statement(
    select(*_BOUGHT).select_from(bills.join(card, (card.c.tenant_id == TENANT) & (card.c.id == bills.c.card_id))).where(*_of_days)
)
_given: Statement[tuple[Any, ...]] = Statement(
    select(func.sum(bonuses.c.points - bonuses.c.reversed, type_=_money))
    .select_from(bills.join(bonuses, (bonuses.c.tenant_id == TENANT) & (bonuses.c.bill_id == bills.c.bill_id)))
    .where(*_of_days, bills.c.has_bonuses.is_(True), bonuses.c.kind.in_(("REFERRAL", "REFERRED")))
)


def report_referrals(session: Session, context: Context, query: ReportReferrals) -> ReferralReport:
    """Report on referring (docs/programme.md section 5); raises ValidationFailed for days that are no such window."""
    zone = load_rulebook(session).timezone
    last = query.last_day or day_of(context.now, zone)
    first = query.first_day or last - timedelta(days=USUAL_DAYS - 1)
    if not first <= last < first + timedelta(days=MOST_DAYS):
        raise ValidationFailed({"to": [f"Must be from on the day of `from`, and at most {MOST_DAYS} days with it."]})
    window = {"start": start_of(first, zone), "end": end_of(last, zone)}
    ((referrers, friends),) = session.all(_brought, end=window["end"])
    ((buyers, every, spent, spent_in_all, points),) = session.all(_bought, **window)
    ((given,),) = session.all(_given, **window)
    spent, spent_in_all = spent or ZERO, spent_in_all or ZERO
    return ReferralReport(
        from_=first,
        to=last,
        referrers=referrers,
        friends=friends,
        friends_with_bills=buyers,
        referral_points=points or ZERO,
        bonus_points=given or ZERO,
        friends_spend=spent,
        average_spend_of_friends=_average(spent, buyers),
        average_spend_of_others=_average(spent_in_all - spent, every - buyers),
    )


def _average(total: Decimal, count: int) -> Decimal | None:
    """Divide exactly, and round once; None of nobody."""
    share = Fraction(total) / count if count else None
    return None if share is None else round_half_up(Decimal(share.numerator) / Decimal(share.denominator))
