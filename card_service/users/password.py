"""Giving a person a new password, which ends all their sessions."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select

from card_service.card_config.audit_log import record_change
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.users import users
from card_service.users.attempts import forget_attempts
from card_service.users.person import PersonNotFound
from card_service.users.sign_out import end_sessions

_own = (users.c.tenant_id == TENANT, users.c.id == bindparam("user_id"))
_hash = Statement(select(users.c.password_hash).where(*_own), str)
_set: Statement[None] = Statement(
    users.update().where(*_own).values(password_hash=bindparam("new_hash"), updated_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class ChangePassword:
    """A password hashed already, and the name under which the failures of the person's login are counted."""

    user_id: int
    password_hash: str
    login_hash: str


def password_hash(session: Session, context: Context, user_id: int) -> str:  # noqa: ARG001 - a use case
    """Give the hash of a person's password, to verify the old one before a change; raises PersonNotFound."""
    found = session.one(_hash, user_id=user_id)
    if found is None:
        raise PersonNotFound
    return found


def change_password(session: Session, context: Context, request: ChangePassword) -> None:
    """Change the password, end every session and forget the failures; raises PersonNotFound."""
    if not session.write(_set, user_id=request.user_id, new_hash=request.password_hash, now=context.now):
        raise PersonNotFound
    end_sessions(session, context, request.user_id)
    forget_attempts(session, request.login_hash)
    record_change(session, context, entity="user", entity_id=request.user_id, action="change-password")
