"""The job birthdays: what a tier or a rule gives for one, on the day or, if nobody asked then, later; once a year and card."""

from datetime import date
from decimal import Decimal

from card_service.earning_rules.birthdays import birthday_cards, pay_birthday
from card_service.jobs.job import Tally, Work, each_card
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.ledger.lock import lock_card
from card_service.tiers.ladder import ladder_in_force
from card_service.tiers.member import read_stored


def pay_by_tier(session: Session, context: Context, card_id: int, day: date) -> Decimal:
    """Pay a card for its birthday by the tier that it is in now; gives the points, 0 if nothing was due."""
    lock_card(session, card_id)
    stored = read_stored(session, card_id)
    tier = ladder_in_force(session).ladder.of_program(stored.program_id).holding(stored.standing.tier_id)
    if tier is None:
        return pay_birthday(session, context, card_id, day)
    return pay_birthday(session, context, card_id, day, multiplier=tier.multiplier, of_tier=tier.birthday_points)


def pay(work: Work, card_id: int) -> Tally:
    """Pay a card for its birthday on the day of this run, unless it has had its points."""
    points = work.write(pay_by_tier, card_id, work.day)
    return {"birthdays": 1, "pointsIssued": points} if points else {}


birthdays = each_card(lambda work, after: work.read(birthday_cards, work.day, after), pay)
