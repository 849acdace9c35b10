"""Signing in, in three short transactions, so that no connection is held while the password is hashed.

`begin_sign_in` counts the attempt and finds the person, then the caller verifies the password, then `finish_sign_in`
or `fail_sign_in` writes what came of it. Each step is the same for a login that nobody has, as far as it shows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select

from card_service.card_config.audit_log import record_change
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement, insert_into
from card_service.models.users import user_sessions, users
from card_service.users.attempts import count_attempt, forget_attempts, touch_attempts
from card_service.users.rules import LONGEST_LIFE

KEEP_ENDED = timedelta(days=1)


class Account(NamedTuple):
    """What is needed of a person to judge a sign-in."""

    id: int
    tenant_id: int
    password_hash: str
    is_active: bool


_by_login = Statement(
    select(users.c.id, users.c.tenant_id, users.c.password_hash, users.c.is_active).where(users.c.login == bindparam("login")),
    Account,
    across_tenants="the login says which tenant it is",
)
_own = (users.c.tenant_id == TENANT, users.c.id == bindparam("user_id"))
_lock = Statement(select(users.c.password_hash, users.c.is_active).where(*_own).with_for_update())
_rehash: Statement[None] = Statement(users.update().where(*_own).values(password_hash=bindparam("new_hash")))
_insert: Statement[None] = Statement(insert_into(user_sessions, "id"))
_sweep: Statement[None] = Statement(
    user_sessions.delete().where(
        user_sessions.c.tenant_id == TENANT,
        user_sessions.c.user_id == bindparam("of_user"),
        or_(user_sessions.c.ended_at < bindparam("before"), user_sessions.c.expires_at < bindparam("before")),
    )
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that is to be judged; while `is_locked` nothing can make it succeed."""

    account: Account | None
    is_locked: bool
    failures: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class BeginSignIn:
    """A login as it was typed, in small letters, None if it can be nobody's; and the name under which it is counted."""

    login: str | None
    login_hash: str


@dataclass(frozen=True, slots=True)
class FinishSignIn:
    """A password that was right for `verified_hash`; `new_hash` is the same password hashed as it is done today."""

    user_id: int
    verified_hash: str
    new_hash: str | None
    login_hash: str
    token_hash: str


def begin_sign_in(session: Session, context: Context, request: BeginSignIn) -> Attempt:
    """Count an attempt and find whose it is."""
    is_locked, failures, until = count_attempt(session, context, request.login_hash)
    account = session.one(_by_login, login=request.login or "")
    return Attempt(account, is_locked, failures, until)


def finish_sign_in(session: Session, context: Context, request: FinishSignIn) -> bool:
    """Open a session; not if the person was disabled or the password changed since it was verified."""
    if session.one(_lock, user_id=request.user_id) != (request.verified_hash, True):
        return False
    if request.new_hash is not None:
        session.write(_rehash, user_id=request.user_id, new_hash=request.new_hash)
    forget_attempts(session, request.login_hash)
    session.write(_sweep, of_user=request.user_id, before=context.now - KEEP_ENDED)
    session.insert(
        _insert,
        user_id=request.user_id,
        token_hash=request.token_hash,
        created_at=context.now,
        last_seen_at=context.now,
        expires_at=context.now + LONGEST_LIFE,
        ended_at=None,
    )
    record_change(session, context, entity="user", entity_id=request.user_id, action="sign-in")
    return True


def fail_sign_in(session: Session, context: Context, attempt: Attempt, login_hash: str) -> None:
    """Write that someone failed to sign in as this person, and until when that locks the login.

    For a login that nobody has there is nothing to tell, but a write all the same: its time would show.
    """
    if attempt.account is None:
        touch_attempts(session, context, login_hash)
        return
    action = "sign-in-failed" if attempt.locked_until is None else "lock"
    after = {"failures": attempt.failures, "lockedUntil": attempt.locked_until}
    record_change(session, context, entity="user", entity_id=attempt.account.id, action=action, after=after)
