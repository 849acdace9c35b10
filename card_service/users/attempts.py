"""Counting the sign-ins of a login, in the database, so that all workers and machines count together.

A login that nobody has is counted as well: whether somebody has it must not show.
"""

from datetime import datetime
from math import ceil

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import Statement, insert_into
from card_service.models.users import sign_in_attempts
from card_service.users.rules import FORGET_FAILURES, locked_until

_row = sign_in_attempts.c.login_hash == bindparam("of_login")
_lock = Statement(
    select(sign_in_attempts.c.failures, sign_in_attempts.c.locked_until, sign_in_attempts.c.updated_at)
    .where(_row)
    .with_for_update()
)
_insert: Statement[None] = Statement(insert_into(sign_in_attempts))
_update: Statement[None] = Statement(
    sign_in_attempts.update()
    .where(_row)
    .values(failures=bindparam("count"), locked_until=bindparam("until"), updated_at=bindparam("now"))
)
_touch: Statement[None] = Statement(sign_in_attempts.update().where(_row).values(updated_at=bindparam("now")))
_forget: Statement[None] = Statement(sign_in_attempts.delete().where(_row))
_forget_old: Statement[None] = Statement(sign_in_attempts.delete().where(sign_in_attempts.c.updated_at < bindparam("before")))


def count_attempt(session: Session, context: Context, login_hash: str) -> tuple[bool, int, datetime | None]:
    """Count an attempt as failed before it is judged; a success forgets it (`forget_attempts`).

    So a hundred attempts at once are a hundred failures, and not one. Gives whether the login is locked, in which
    case nothing is counted, the number of failures in a row, and until when the next attempt is refused.
    """
    known: tuple[int, datetime | None, datetime] | None = session.one(_lock, of_login=login_hash)
    now = context.now
    if known is not None and known[1] is not None and now < known[1]:
        return True, known[0], known[1]
    failures = 1 if known is None or now - known[2] >= FORGET_FAILURES else known[0] + 1
    until = locked_until(failures, now)
    if known is not None:
        session.write(_update, of_login=login_hash, count=failures, until=until, now=now)
    else:
        session.write(_forget_old, before=now - FORGET_FAILURES)
        session.write(_insert, login_hash=login_hash, failures=failures, locked_until=until, updated_at=now)
    return False, failures, until


def touch_attempts(session: Session, context: Context, login_hash: str) -> None:
    """Write when a login was tried last."""
    session.write(_touch, of_login=login_hash, now=context.now)


def forget_attempts(session: Session, login_hash: str) -> None:
    """Count from nothing again: after a success, or when the operator set a new password."""
    session.write(_forget, of_login=login_hash)


def seconds_until(until: datetime | None, now: datetime) -> int:
    """Tell how many whole seconds are left, at least 0."""
    return 0 if until is None else max(0, ceil((until - now).total_seconds()))
