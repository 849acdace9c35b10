"""Which bonuses a bill brings: asked by calculate and by earn, so that the two cannot differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from card_service.card_config.lot_dates import validity_of
from card_service.card_config.rulebook import Rulebook
from card_service.earning_rules.load import earning_rules_of
from card_service.earning_rules.rules import ONE, Rule, counted_since, paying
from card_service.kit.db.session import Session
from card_service.points.bonuses import Bonus
from card_service.points.look import Seen
from card_service.points.once_only import bonuses_paid_to, friends_bill, live_bill
from card_service.tiers.multiplier import multiplier_of

FIRST_PURCHASE, REFERRAL, REFERRED = "FIRST_PURCHASE", "REFERRAL", "REFERRED"
OF_A_FRIEND = (REFERRAL, REFERRED)
TAKEN_BACK = 0
"""What a card's column of a once-only bill says when that bill was taken back, or was one of nothing."""


@dataclass(frozen=True, slots=True)
class Deserving:
    """A bill as the bonuses see it: what is payable, when it is posted, and whether its card's referrer can be paid.

    `multiplier` is that of the tier of the bill's card.
    """

    amount: Decimal
    now: datetime
    referrer_is_active: bool
    multiplier: Decimal = ONE


def bonuses_due(session: Session, seen: Seen, bill: Deserving) -> list[Bonus]:
    """Tell the bonuses of a bill of the card that was looked at, its own and those of its referrer.

    A bill of nothing is no purchase. A tenant without such rules, and a card that has had them, cost no statement.
    """
    active = earning_rules_of(session, seen.rules)
    if seen.card_id is None or not bill.amount or not any(rule.activity in {FIRST_PURCHASE, *OF_A_FRIEND} for rule in active):
        return []
    return [*_first_purchase(session, seen, bill, active), *_of_a_friend(session, seen, bill, active)]


def first_bill(session: Session, seen: Seen) -> int | None:
    """Tell which bill of the card is its first purchase, None if none stands: there was none, or all are cancelled.

    A card that has bought but remembers no bill has done so before bills were remembered: 0, as for a bill without a card.
    """
    if seen.first_earned_at is None:
        return None
    if seen.first_bill_id == TAKEN_BACK and seen.card_id is not None:
        return live_bill(session, seen.card_id)
    return seen.first_bill_id or TAKEN_BACK


def settles_referral(seen: Seen, amount: Decimal, *, referrer_is_active: bool) -> bool:
    """Whether a bill is the first of a friend: large enough, the referrer active, and the card remembers no other that stands.

    It settles the referral whatever it pays, and be it nothing: no later bill makes up for a rule that was made since, a
    cap, or hours (docs/programme.md section 5).
    """
    is_large = bool(amount) and amount >= seen.rules.referral_min_bill
    return is_large and referrer_is_active and not seen.friend_bill_id


def brings_a_friend(session: Session, seen: Seen, amount: Decimal, *, referrer_is_active: bool) -> bool:
    """Whether a bill can pay for the referral of its card: it settles it, and none that stands has paid for it before."""
    if seen.card_id is None or not settles_referral(seen, amount, referrer_is_active=referrer_is_active):
        return False
    return not is_settled(session, seen)


def is_settled(session: Session, seen: Seen) -> bool:
    """Whether a bill that stands has settled the referral of the card: its own, or one that was paid for of a merged card."""
    if seen.friend_bill_id == TAKEN_BACK and seen.card_id is not None:
        # Campaigns and rules both ask; what was found is kept for whoever asks next.
        seen.friend_bill_id = friends_bill(session, seen.card_id)
    return seen.friend_bill_id is not None


def _first_purchase(session: Session, seen: Seen, bill: Deserving, active: Iterable[Rule]) -> list[Bonus]:
    rule = paying(active, FIRST_PURCHASE, bill.now)
    if rule is None or seen.card_id is None or bill.amount < rule.min_bill or first_bill(session, seen) is not None:
        return []
    return _bonus(rule, seen.rules, bill.now, seen.card_id, rule.min_bill, bill.multiplier)


def _of_a_friend(session: Session, seen: Seen, bill: Deserving, active: Iterable[Rule]) -> list[Bonus]:
    rules = [(kind, paying(active, kind, bill.now)) for kind in OF_A_FRIEND]
    if not any(rule for _, rule in rules):
        return []
    if not brings_a_friend(session, seen, bill.amount, referrer_is_active=bill.referrer_is_active):
        return []
    found: list[Bonus] = []
    for kind, rule in rules:
        card_id = seen.referrer_id if kind == REFERRAL else seen.card_id
        if rule is None or card_id is None or bill.amount < rule.min_bill or _is_capped(session, seen, bill, rule, card_id):
            continue
        multiplier = bill.multiplier if kind == REFERRED else ONE
        if kind == REFERRAL and rule.use_tier_multiplier:
            multiplier = multiplier_of(session, card_id)
        min_bill = max(rule.min_bill, seen.rules.referral_min_bill)
        found += _bonus(rule, seen.rules, bill.now, card_id, min_bill, multiplier)
    return found


def _is_capped(session: Session, seen: Seen, bill: Deserving, rule: Rule, card_id: int) -> bool:
    if rule.max_per_card is None:
        return False
    since = counted_since(rule, bill.now, seen.rules.timezone)
    return bonuses_paid_to(session, card_id, rule.activity, rule.id, since) >= rule.max_per_card


def _bonus(rule: Rule, rulebook: Rulebook, now: datetime, card_id: int, min_bill: Decimal, multiplier: Decimal) -> list[Bonus]:
    points = rule.pays(multiplier, rulebook.points_precision)
    # A rule without days of its own leaves it to those of the bill.
    validity = validity_of(rulebook, now, rule.pending_days) if rule.pending_days else None
    return [Bonus(rule.activity, rule.id, rule.name, points, card_id, min_bill, validity=validity)] if points else []
