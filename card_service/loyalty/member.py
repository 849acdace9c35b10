"""A member as a whole: the card, what it is worth, its programme and tier, what expires next, and what happened last."""

from datetime import date
from decimal import Decimal
from typing import Any

from card_service.card_config.load import load_rulebook
from card_service.cards.card import CardAnswer, show_card
from card_service.cards.expiring import ExpiringPoints, read_expiring
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.money import ZERO, round_down
from card_service.kit.wire import Answer
from card_service.loyalty.enroll import MemberRef, card_of_member
from card_service.loyalty.timeline import Activity, ReadTimeline, read_timeline
from card_service.programs.cash_back import CashBack, cash_back
from card_service.programs.load import program_of
from card_service.tiers.shown import Progress, TierShown
from card_service.tiers.standing import read_standing

LAST_ACTIVITIES = 10


class MemberProgram(Answer, frozen=True):
    """The programme that a member is in."""

    id: int
    name: str
    type: str
    status: str
    starts_on: date | None
    ends_on: date | None


class Member(Answer, frozen=True):
    """A member; `amount` is what the balance is worth."""

    card: CardAnswer
    amount: Decimal
    cash_back: CashBack | None
    expires_next: ExpiringPoints | None
    program: MemberProgram | None
    tier: TierShown | None
    progress: Progress | None
    benefits: dict[str, Any]
    activities: list[Activity]


def read_member(session: Session, context: Context, member: MemberRef) -> Member:
    """Read a member by card or by customer; raises CardNotFound."""
    card_id = card_of_member(session, context, member)
    card = show_card(session, context, card_id)
    standing = read_standing(session, context, card_id)
    expiring = read_expiring(session, context, card_id).items
    rules = load_rulebook(session)
    rate = rules.points_to_amount_rate
    program = program_of(session, rules, card.program_id)
    return Member(
        card=card,
        amount=round_down(max(card.points_balance, ZERO) * rate),
        cash_back=cash_back(program, rate, card.points_balance, card.points_pending, card.points_debt),
        expires_next=expiring[0] if expiring else None,
        program=None
        if program is None
        else MemberProgram(**{name: getattr(program, name) for name in MemberProgram.__struct_fields__}),
        tier=standing.tier,
        progress=standing.progress,
        benefits=standing.benefits,
        activities=read_timeline(session, context, ReadTimeline(card_id, LAST_ACTIVITIES)).items,
    )
