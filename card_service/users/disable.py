"""Keeping a person out, and letting them in again."""

from sqlalchemy import bindparam

from card_service.card_config.audit_log import record_change
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.users import users
from card_service.users.person import PersonNotFound
from card_service.users.sign_out import end_sessions

_set: Statement[None] = Statement(
    users.update()
    .where(users.c.tenant_id == TENANT, users.c.id == bindparam("user_id"))
    .values(is_active=bindparam("active"), updated_at=bindparam("now"))
)


def disable_person(session: Session, context: Context, user_id: int) -> None:
    """Refuse a person from the next request on and end their sessions; raises PersonNotFound."""
    _write(session, context, user_id, active=False)
    end_sessions(session, context, user_id)
    record_change(session, context, entity="user", entity_id=user_id, action="disable")


def enable_person(session: Session, context: Context, user_id: int) -> None:
    """Let a person sign in again; the sessions of before stay ended. Raises PersonNotFound."""
    _write(session, context, user_id, active=True)
    record_change(session, context, entity="user", entity_id=user_id, action="enable")


def _write(session: Session, context: Context, user_id: int, *, active: bool) -> None:
    if not session.write(_set, user_id=user_id, active=active, now=context.now):
        raise PersonNotFound
