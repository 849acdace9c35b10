"""Ending sessions: the one of this browser, or all of a person."""

from sqlalchemy import bindparam

from card_service.card_config.audit_log import record_change
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.users import user_sessions
from card_service.users.sessions import SignedIn

_mine = (user_sessions.c.tenant_id == TENANT, user_sessions.c.user_id == bindparam("of_user"), user_sessions.c.ended_at.is_(None))
_end: Statement[None] = Statement(
    user_sessions.update().where(*_mine, user_sessions.c.id == bindparam("session_id")).values(ended_at=bindparam("now"))
)
_end_all: Statement[None] = Statement(user_sessions.update().where(*_mine).values(ended_at=bindparam("now")))


def sign_out(session: Session, context: Context, signed_in: SignedIn) -> None:
    """End one session."""
    if session.write(_end, session_id=signed_in.session_id, of_user=signed_in.id, now=context.now):
        record_change(session, context, entity="user", entity_id=signed_in.id, action="sign-out")


def sign_out_everywhere(session: Session, context: Context, user_id: int) -> None:
    """End every session of a person, and write that it was asked for."""
    ended = end_sessions(session, context, user_id)
    record_change(session, context, entity="user", entity_id=user_id, action="sign-out-everywhere", after={"sessions": ended})


def end_sessions(session: Session, context: Context, user_id: int) -> int:
    """End every session of a person as a part of something else; gives how many there were."""
    return session.write(_end_all, of_user=user_id, now=context.now)
