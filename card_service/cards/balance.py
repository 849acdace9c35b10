"""Reading what a card has and what it is worth."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO, round_down
from card_service.kit.wire import Answer
from card_service.ledger.lock import CardNotFound
from card_service.ledger.shown import is_due, read_shown
from card_service.models.card_config import card_configurations as config
from card_service.models.cards import loyalty_cards as card
from card_service.models.programs import loyalty_programs as programs
from card_service.programs.cash_back import CashBack, cash_back
from card_service.programs.rules import Program
from card_service.tiers.ladder import ladder_at
from card_service.tiers.shown import TierShown, show_tier


class BalanceAnswer(Answer, frozen=True):
    """The points of a card at `as_of`; `amount` is what they are worth, never negative."""

    card_id: int
    card_number: str
    points_balance: Decimal
    points_pending: Decimal
    points_debt: Decimal
    amount: Decimal
    as_of: datetime
    cash_back: CashBack | None
    tier: TierShown | None


_balance: Statement[tuple[Any, ...]] = Statement(
    select(
        card.c.card_number,
        card.c.points_balance,
        card.c.points_pending,
        card.c.points_debt,
        card.c.next_due_at,
        card.c.tier_id,
        config.c.version,
        config.c.updated_at,
        config.c.points_to_amount_rate,
        *(programs.c[name] for name in Program.__dataclass_fields__),
    )
    .select_from(
        card.join(config, config.c.tenant_id == TENANT).outerjoin(
            programs, (programs.c.tenant_id == TENANT) & (programs.c.id == card.c.program_id)
        )
    )
    .where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id"))
)


def read_balance(session: Session, context: Context, card_id: int) -> BalanceAnswer:
    """Read a card's balance and its worth, ROUND_DOWN(balance * rate, 2); raises CardNotFound."""
    row = session.one(_balance, card_id=card_id)
    if row is None:
        raise CardNotFound
    card_number, balance, pending, debt, next_due_at, tier_id, version, updated_at, rate, *of_program = row
    program = None if of_program[0] is None else Program(*of_program)
    ladder = ladder_at(session, version, updated_at).of_program(program.id if program else None)
    shown = read_shown(session, context, card_id) if is_due(next_due_at, context) else None
    if shown is not None:
        balance, pending, debt = shown.book.balance, shown.book.pending, shown.book.debt
    return BalanceAnswer(
        card_id=card_id,
        card_number=card_number,
        points_balance=balance,
        points_pending=pending,
        points_debt=debt,
        amount=round_down(max(balance, ZERO) * rate),
        as_of=context.now,
        tier=show_tier(ladder.holding(tier_id)),
        cash_back=cash_back(program, rate, balance, pending, debt),
    )
