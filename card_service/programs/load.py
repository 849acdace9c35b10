"""The programmes of a tenant, read once for each version of its configuration."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from card_service.card_config.load import by_version
from card_service.card_config.rulebook import Rulebook
from card_service.kit.days import day_of
from card_service.kit.db.faults import ConcurrentChangeError
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.books import Book
from card_service.models.programs import loyalty_programs as programs
from card_service.programs.cash_back import CashBack, cash_back
from card_service.programs.rules import Program

_all = Statement(
    select(*(programs.c[name] for name in Program.__dataclass_fields__)).where(programs.c.tenant_id == TENANT), Program
)


def program_of(session: Session, rules: Rulebook, program_id: int | None) -> Program | None:
    """Give the programme that a card is in, at the version of these rules; None for a card without one."""
    if program_id is None:
        return None
    found = by_version(session, rules.version, rules.updated_at, load_programs).get(program_id)
    if found is None:
        # The card was put into a programme that was only made after these rules were read.
        raise ConcurrentChangeError
    return found


def earns(session: Session, rules: Rulebook, program_id: int | None, at: datetime) -> bool:
    """Whether the cards of this programme earn at an instant; those without one always do."""
    program = program_of(session, rules, program_id)
    return program is None or program.runs_on(day_of(at, rules.timezone))


def money_of(session: Session, rules: Rulebook, book: Book) -> CashBack | None:
    """Say what a card has as money, if its programme shows that."""
    program = program_of(session, rules, book.program_id)
    return cash_back(program, rules.points_to_amount_rate, book.balance, book.pending, book.debt)


def load_programs(session: Session) -> Mapping[int, Program]:
    """Read them all."""
    return {program.id: program for program in session.all(_all)}
