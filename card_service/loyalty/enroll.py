"""Putting a card into a programme, or moving it to another: its lots, its balance and its tier stay as they are."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select

from card_service.card_config.audit_log import record_change
from card_service.card_config.load import load_rulebook
from card_service.cards.card import CardAnswer, show_card, update_card
from card_service.cards.find import find_by_customer
from card_service.kit.context import Context
from card_service.kit.days import day_of
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.lock import lock_open_card
from card_service.models.programs import loyalty_programs as programs
from card_service.programs.program import ProgramNotActive, ProgramNotFound
from card_service.programs.rules import Program

OPERATION = "enroll-card"


@dataclass(frozen=True, slots=True)
class MemberRef:
    """A member, by their card or by the customer who holds it: exactly one of them."""

    card_id: int | None = None
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class EnrollCard:
    """The member, and the programme; None takes the card out of the one that it is in."""

    member: MemberRef
    program_id: int | None


_program = Statement(
    select(*(programs.c[name] for name in Program.__dataclass_fields__)).where(
        programs.c.tenant_id == TENANT, programs.c.id == bindparam("program_id")
    ),
    Program,
)
_enroll: Statement[Any] = Statement(update_card("program_id"))


def enroll_card(session: Session, context: Context, request: EnrollCard) -> CardAnswer:
    """Put a card into a programme that runs today.

    Raises CardNotFound, CardNotActive for a closed card, ProgramNotFound, ProgramNotActive.
    """
    book = lock_open_card(session, card_of_member(session, context, request.member))
    if request.program_id is not None:
        _require_running(session, context, request.program_id)
    if request.program_id != book.program_id:
        session.write(_enroll, card_id=book.card_id, program_id=request.program_id, now=context.now)
        record_change(
            session,
            context,
            entity="card",
            entity_id=book.card_id,
            action="enroll",
            before={"program_id": book.program_id},
            after={"program_id": request.program_id},
        )
    return show_card(session, context, book.card_id)


def card_of_member(session: Session, context: Context, member: MemberRef) -> int:
    """Name the card of a member; raises CardNotFound for a customer without one."""
    if member.card_id is not None:
        return member.card_id
    if member.customer_id is None:
        msg = "a member is named by a card or a customer"
        raise ValueError(msg)
    return find_by_customer(session, context, member.customer_id).id


def _require_running(session: Session, context: Context, program_id: int) -> None:
    program = session.one(_program, program_id=program_id)
    if program is None:
        raise ProgramNotFound
    if not program.runs_on(day_of(context.now, load_rulebook(session).timezone)):
        raise ProgramNotActive
