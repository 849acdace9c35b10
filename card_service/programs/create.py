"""Making a programme: a draft, in which no card earns before it is activated."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from card_service.card_config.audit_log import record_change
from card_service.card_config.settings import lock_config, new_version
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement, insert_into
from card_service.kit.errors import ValidationFailed
from card_service.kit.wire import encode
from card_service.models.programs import loyalty_programs as programs
from card_service.programs.program import ProgramAnswer, show_program
from card_service.programs.rules import DRAFT

OPERATION = "create-program"


@dataclass(frozen=True, slots=True)
class CreateProgram:
    """A programme; `currency` None is that of the configuration, `rules` are what people are told of it."""

    name: str
    type: str
    starts_on: date | None
    ends_on: date | None
    currency: str | None
    rules: dict[str, Any]


_insert: Statement[None] = Statement(insert_into(programs, "id"))


def create_program(session: Session, context: Context, request: CreateProgram) -> ProgramAnswer:
    """Make a programme; raises ValidationFailed for one that ends before it starts."""
    check_days(request.starts_on, request.ends_on)
    config = lock_config(session)
    fields = {
        "name": request.name,
        "type": request.type,
        "starts_on": request.starts_on,
        "ends_on": request.ends_on,
        "currency": request.currency or config["currency"],
        "rules": encode(request.rules),
    }
    program_id = session.insert(_insert, status=DRAFT, version=1, created_at=context.now, updated_at=context.now, **fields)
    new_version(session, context)
    record_change(session, context, entity="program", entity_id=program_id, action="add", after={**fields, "status": DRAFT})
    return show_program(session, program_id)


def check_days(starts_on: date | None, ends_on: date | None) -> None:
    """Refuse an end before the start; raises ValidationFailed."""
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise ValidationFailed({"endsOn": ["Must not be before startsOn."]})
