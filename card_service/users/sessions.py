"""Whose session a cookie names: looked up at each request, written at most once a minute."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.models.tenants import tenants
from card_service.models.users import user_sessions, users
from card_service.users.rules import TOUCH_EVERY, is_over


class SignedIn(NamedTuple):
    """A session that is in force, the person it belongs to, and the name of the pharmacy."""

    session_id: int
    tenant_id: int
    id: int
    login: str
    name: str
    role: str
    tenant_name: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime


_mine = (user_sessions.c.tenant_id == users.c.tenant_id) & (user_sessions.c.user_id == users.c.id)
_by_token = Statement(
    select(
        user_sessions.c.id,
        users.c.tenant_id,
        users.c.id,
        users.c.login,
        users.c.name,
        users.c.role,
        tenants.c.name,
        user_sessions.c.created_at,
        user_sessions.c.last_seen_at,
        user_sessions.c.expires_at,
    )
    .select_from(user_sessions.join(users, _mine).join(tenants, tenants.c.id == users.c.tenant_id))
    .where(
        user_sessions.c.token_hash == bindparam("token_hash"), user_sessions.c.ended_at.is_(None), users.c.is_active.is_(True)
    ),
    SignedIn,
    across_tenants="the session says which tenant it is",
)
_touch: Statement[None] = Statement(
    user_sessions.update()
    .where(user_sessions.c.tenant_id == TENANT, user_sessions.c.id == bindparam("session_id"), user_sessions.c.ended_at.is_(None))
    .values(last_seen_at=bindparam("seen_at"))
)


def find_session(session: Session, context: Context, token_hash: str) -> SignedIn | None:
    """Find the session in force of a token; the role and the name are those of now, not those of the sign-in."""
    found = session.one(_by_token, token_hash=token_hash)
    if found is None or is_over(found.created_at, found.last_seen_at, found.expires_at, context.now):
        return None
    return found


def is_due(found: SignedIn, now: datetime) -> bool:
    """Tell whether the last use was so long ago that this one is written."""
    return now - found.last_seen_at >= TOUCH_EVERY


def touch(session: Session, context: Context, session_id: int) -> None:
    """Write that a session was used."""
    session.write(_touch, session_id=session_id, seen_at=context.now)
