"""Changing a programme: what it is called and tells, when it runs, and what it does now."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam

from card_service.card_config.audit_log import record_change
from card_service.card_config.settings import VersionConflict, lock_config, new_version
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.errors import ValidationFailed
from card_service.kit.wire import encode
from card_service.models.programs import loyalty_programs as programs
from card_service.programs.create import check_days
from card_service.programs.program import ProgramAnswer, ProgramState, show_program
from card_service.programs.rules import ARCHIVED, BECOMES, DRAFT

CHANGEABLE = ("name", "type", "starts_on", "ends_on", "currency", "rules")
_change: Statement[None] = Statement(
    programs.update()
    .where(programs.c.tenant_id == TENANT, programs.c.id == bindparam("program_id"))
    .values(
        **{name: bindparam(name) for name in (*CHANGEABLE, "status")},
        version=programs.c.version + 1,
        updated_at=bindparam("now", type_=programs.c.updated_at.type),
    )
)


@dataclass(frozen=True, slots=True)
class ChangeProgram:
    """The fields of CHANGEABLE to change, and the version last read, if it is to be checked."""

    program_id: int
    fields: dict[str, Any]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class SetStatus:
    """The programme, and the status that it is to have."""

    program_id: int
    status: str


def change_program(session: Session, context: Context, request: ChangeProgram) -> ProgramAnswer:
    """Change the fields that were sent.

    Raises ProgramNotFound, VersionConflict, ProgramState for an archived one, ValidationFailed for another type of one that
    is no draft (its cards have been told what they are in) and for an end before the start.
    """
    lock_config(session)
    found = show_program(session, request.program_id)
    if request.version is not None and request.version != found.version:
        raise VersionConflict
    if found.status == ARCHIVED:
        raise ProgramState("This programme is archived")
    if request.fields.get("type", found.type) != found.type and found.status != DRAFT:
        raise ValidationFailed({"type": ["Can be changed in a draft only: make another programme, and move the cards."]})
    fields = dict(request.fields)
    if "rules" in fields:
        fields["rules"] = encode(fields["rules"])
    before = _fields(found)
    after = before | fields
    check_days(after["starts_on"], after["ends_on"])
    return _write(session, context, found, before, after, action="change")


def set_status(session: Session, context: Context, request: SetStatus) -> ProgramAnswer:
    """Activate, suspend or archive a programme, or find it so; raises ProgramNotFound, ProgramState."""
    lock_config(session)
    found = show_program(session, request.program_id)
    if found.status != request.status and found.status not in BECOMES[request.status]:
        raise ProgramState(f"A programme that is {found.status} cannot become {request.status}")
    before = _fields(found)
    return _write(session, context, found, before, before | {"status": request.status}, action="set-status")


def _fields(found: ProgramAnswer) -> dict[str, Any]:
    return {name: getattr(found, name) for name in CHANGEABLE} | {"rules": bytes(found.rules).decode(), "status": found.status}


def _write(
    session: Session, context: Context, found: ProgramAnswer, before: dict[str, Any], after: dict[str, Any], action: str
) -> ProgramAnswer:
    changed = [name for name in after if before[name] != after[name]]
    if changed:
        session.write(_change, program_id=found.id, now=context.now, **after)
        new_version(session, context)
        record_change(
            session,
            context,
            entity="program",
            entity_id=found.id,
            action=action,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )
    return show_program(session, found.id)
