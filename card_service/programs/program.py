"""A programme as its administrator sees it, and finding one."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import Conflict, NotFound
from card_service.kit.wire import Answer, Raw
from card_service.models.programs import loyalty_programs as programs


class ProgramNotFound(NotFound):
    """No such programme of this tenant."""

    title = "No such programme"


class ProgramState(Conflict):
    """The programme is not in a status that allows this."""

    code = "PROGRAM_STATE"
    title = "The status of this programme does not allow this"


class ProgramNotActive(Conflict):
    """The programme does not run now."""

    code = "PROGRAM_NOT_ACTIVE"
    title = "This programme is not active, or not on this day"


class ProgramAnswer(Answer, frozen=True):
    """A programme; `starts_on` and `ends_on` are days of the tenant, both included, and None where there is no limit."""

    id: int
    name: str
    type: str
    status: str
    starts_on: date | None
    ends_on: date | None
    currency: str
    rules: Raw
    version: int
    created_at: datetime
    updated_at: datetime


FIELDS = ProgramAnswer.__struct_fields__
PROGRAM_COLUMNS = tuple(programs.c[name] for name in FIELDS)


def program_answer(*values: Any) -> ProgramAnswer:
    """Make the answer of a row of PROGRAM_COLUMNS."""
    found = dict(zip(FIELDS, values, strict=True))
    return ProgramAnswer(**found | {"rules": Raw(found["rules"].encode())})


_by_id = Statement(
    select(*PROGRAM_COLUMNS).where(programs.c.tenant_id == TENANT, programs.c.id == bindparam("program_id")), program_answer
)


def show_program(session: Session, program_id: int) -> ProgramAnswer:
    """Show a programme by its id; raises ProgramNotFound."""
    found = session.one(_by_id, program_id=program_id)
    if found is None:
        raise ProgramNotFound
    return found
