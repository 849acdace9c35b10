"""Paying for an activity that somebody reports: a review, a share, whatever the tenant calls it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.load import rulebook_in_force
from card_service.card_config.rulebook import CardSystemDisabled, Rulebook
from card_service.earning_rules.award import Award, Payment, count_awards, find_award, pay
from card_service.earning_rules.load import earning_rules_of
from card_service.earning_rules.rules import Rule, counted_since, paying
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import AlreadyAnswered, Conflict, Refused
from card_service.kit.wire import Answer, encode
from card_service.ledger.lock import CardNotActive, CardNotFound, lock_card
from card_service.models.cards import loyalty_cards as cards
from card_service.programs.load import earns
from card_service.programs.program import ProgramNotActive

OPERATION = "earn-activity"
REPORTED = ("REVIEW", "SOCIAL_SHARE", "CUSTOM")
EVER = datetime(1970, 1, 1, tzinfo=UTC)


class ActivityCapped(Conflict):
    """The card was paid for this as often as the rule allows in this period."""

    code = "ACTIVITY_CAPPED"
    title = "This card has been paid for this activity as often as the rule allows"


class NoRule(Refused):
    """No rule pays for this now."""

    code = "NO_RULE"
    title = "No earning rule pays for this activity now"


@dataclass(frozen=True, slots=True)
class EarnActivity:
    """Who did what: one of the two ids, one of REPORTED, and the caller's own name for this time that it was done."""

    activity: str
    reference: str
    customer_id: int | None = None
    card_id: int | None = None
    code: str | None = None


class ActivityEarned(Answer, frozen=True):
    """What it has brought."""

    award_id: int
    card_id: int
    rule_id: int | None
    points: Decimal
    new_balance: Decimal
    pending_points: Decimal


_of_customer: Statement[tuple[Any, ...]] = Statement(
    select(cards.c.id).where(cards.c.tenant_id == TENANT, cards.c.live_customer_id == bindparam("customer_id"))
)


def earn_activity(
    session: Session, context: Context, request: EarnActivity, multiplier_of: Callable[[Session, int], Decimal]
) -> ActivityEarned:
    """Pay for an activity, once for each reference.

    `multiplier_of` tells that of the tier of a locked card, and is asked where the rule counts by it.

    Raises CardNotFound, AlreadyAnswered with the first answer, CardSystemDisabled, CardNotActive,
    ProgramNotActive, NoRule, ActivityCapped
    (docs/programme.md section 4).
    """
    book = lock_card(session, _card_id(session, request))
    before = find_award(session, book.card_id, request.activity, request.code or "", request.reference)
    if before is not None:
        raise AlreadyAnswered(200, encode(_answer(before)))
    rulebook = rulebook_in_force(session)
    if not rulebook.is_enabled:
        raise CardSystemDisabled
    if not book.is_active:
        raise CardNotActive
    if not earns(session, rulebook, book.program_id, context.now):
        raise ProgramNotActive
    rule = paying(earning_rules_of(session, rulebook), request.activity, context.now, request.code)
    points = rule.pays_by(lambda: multiplier_of(session, book.card_id), rulebook.points_precision) if rule else None
    if rule is None or not points:
        raise NoRule
    if is_capped(session, context, rulebook, book.card_id, rule):
        raise ActivityCapped
    payment = Payment(
        activity=request.activity,
        code=request.code or "",
        reference=request.reference,
        points=points,
        name=rule.name,
        rule_id=rule.id,
        pending_days=rule.pending_days,
    )
    return _answer(pay(session, context, rulebook, book, payment))


def is_capped(session: Session, context: Context, rulebook: Rulebook, card_id: int, rule: Rule) -> bool:
    """Whether a rule has paid a card as often as it may in this period; the card is locked."""
    if rule.max_per_card is None:
        return False
    since = counted_since(rule, context.now, rulebook.timezone)
    return count_awards(session, card_id, rule.id, since or EVER) >= rule.max_per_card


def _card_id(session: Session, request: EarnActivity) -> int:
    if request.card_id is not None:
        return request.card_id
    row = session.one(_of_customer, customer_id=request.customer_id)
    if row is None:
        raise CardNotFound
    return int(row[0])


def _answer(award: Award) -> ActivityEarned:
    return ActivityEarned(
        award_id=award.id,
        card_id=award.card_id,
        rule_id=award.rule_id,
        points=award.points,
        new_balance=award.new_balance,
        pending_points=award.pending_points,
    )
