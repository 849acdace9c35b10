"""Birthdays: once a year and card, whatever happens to the job that calls this."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.load import rulebook_in_force
from card_service.earning_rules.award import Payment, find_award, pay
from card_service.earning_rules.load import earning_rules_of
from card_service.earning_rules.rules import ONE, birthdays_on, paying
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.ledger.lock import ACTIVE, lock_card
from card_service.models.cards import loyalty_cards as cards
from card_service.outbox.emit import emit
from card_service.programs.load import earns

CHUNK = 200
"""Cards listed at once; each is paid in a transaction of its own."""
BIRTHDAY = "BIRTHDAY"

_page: Statement[tuple[Any, ...]] = Statement(
    select(cards.c.id)
    .where(
        cards.c.tenant_id == TENANT,
        cards.c.birth_month_day.in_((bindparam("first"), bindparam("second"))),
        cards.c.status == ACTIVE,
        cards.c.id > bindparam("after"),
    )
    .order_by(cards.c.id)
    .limit(CHUNK)
)
_born: Statement[tuple[Any, ...]] = Statement(
    select(cards.c.birth_month_day).where(cards.c.tenant_id == TENANT, cards.c.id == bindparam("card_id"))
)


def birthday_cards(session: Session, context: Context, day: date, after: int) -> list[int]:  # noqa: ARG001 - a use case
    """List up to CHUNK active cards whose birthday is kept on a day of the tenant and whose ids come after this one."""
    kept = birthdays_on(day)
    return [card_id for (card_id,) in session.all(_page, first=kept[0], second=kept[-1], after=after)]


def pay_birthday(
    session: Session, context: Context, card_id: int, day: date, *, multiplier: Decimal = ONE, of_tier: Decimal | None = None
) -> Decimal:
    """Pay a card for its birthday on this day and tell of it in the outbox; gives the points, 0 if nothing was due.

    `multiplier` is that of the card's tier, and `of_tier` the points that the tier gives, which go before any rule's.
    Asked again for the same year, by whichever run, it does nothing: the award is looked for under the card's lock, and its
    key stands behind that.
    """
    book = lock_card(session, card_id)
    reference = f"birthday:{day.year}"
    (row,) = session.all(_born, card_id=card_id)
    if not book.is_active or row[0] not in birthdays_on(day) or find_award(session, card_id, BIRTHDAY, "", reference):
        return ZERO
    rulebook = rulebook_in_force(session)
    rule = paying(earning_rules_of(session, rulebook), BIRTHDAY, context.now)
    if of_tier is not None:
        payment = Payment(activity=BIRTHDAY, reference=reference, points=of_tier, name="Birthday", rule_id=None)
    elif rule is not None:
        points = rule.pays(multiplier, rulebook.points_precision)
        payment = Payment(
            activity=BIRTHDAY, reference=reference, points=points, name=rule.name, rule_id=rule.id, pending_days=rule.pending_days
        )
    else:
        return ZERO
    if not payment.points or not rulebook.is_enabled or not earns(session, rulebook, book.program_id, context.now):
        return ZERO
    pay(session, context, rulebook, book, payment)
    payload = {"cardId": card_id, "points": payment.points}
    emit(session, context, "birthday", once=f"{card_id}:{day.year}", card_id=card_id, payload=payload)
    return payment.points
