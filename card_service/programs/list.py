"""Listing the programmes of a tenant, by id."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.pagination import DEFAULT_LIMIT, Page, decode_cursor, page
from card_service.models.programs import loyalty_programs as programs
from card_service.programs.program import PROGRAM_COLUMNS, ProgramAnswer, program_answer, show_program

LIST = "programs"


@dataclass(frozen=True, slots=True)
class ListPrograms:
    """A page of all programmes."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


_programs = Statement(
    select(*PROGRAM_COLUMNS)
    .where(programs.c.tenant_id == TENANT, programs.c.id > bindparam("after"))
    .order_by(programs.c.id)
    .limit(bindparam("limit", type_=programs.c.id.type)),
    program_answer,
)


def list_programs(session: Session, context: Context, query: ListPrograms) -> Page[ProgramAnswer]:  # noqa: ARG001 - a use case
    """List a page of programmes, the oldest first; raises ValidationFailed for a cursor of another list."""
    found = session.all(_programs, after=decode_cursor(LIST, query.cursor) or 0, limit=query.limit + 1)
    return page(LIST, found, query.limit, lambda program: program.id)


def get_program(session: Session, context: Context, program_id: int) -> ProgramAnswer:  # noqa: ARG001 - a use case
    """Show one; raises ProgramNotFound."""
    return show_program(session, program_id)
