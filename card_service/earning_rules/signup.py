"""Paying for signing up, in the transaction that issues the card."""

from collections.abc import Callable
from decimal import Decimal

from card_service.card_config.load import rulebook_in_force
from card_service.earning_rules.award import Payment, pay
from card_service.earning_rules.load import earning_rules_of
from card_service.earning_rules.rules import paying
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.ledger.lock import lock_card


def pay_signup(session: Session, context: Context, card_id: int, multiplier_of: Callable[[Session, int], Decimal]) -> None:
    """Pay a card that was issued just now, if a rule pays for that and the card system is on.

    `multiplier_of` tells that of the tier of a card, and is asked where the rule counts by it: a new card's is the base tier's.
    """
    rulebook = rulebook_in_force(session)
    rule = paying(earning_rules_of(session, rulebook), "SIGNUP", context.now)
    points = rule.pays_by(lambda: multiplier_of(session, card_id), rulebook.points_precision) if rule else None
    if rule is None or not points or not rulebook.is_enabled:
        return
    payment = Payment(
        activity="SIGNUP", reference="signup", points=points, name=rule.name, rule_id=rule.id, pending_days=rule.pending_days
    )
    pay(session, context, rulebook, lock_card(session, card_id), payment)
