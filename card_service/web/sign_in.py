"""Judging a login and a password: the use cases of signing in, with the slow hash between them."""

from dataclasses import dataclass

from flask import current_app, g

from card_service.kit.auth.passwords import hash_password, is_outdated, verify
from card_service.kit.auth.sessions import new_token
from card_service.kit.context import Context
from card_service.kit.http.blueprint import database
from card_service.users.attempts import seconds_until
from card_service.users.rules import normal_login
from card_service.users.sign_in import Account, Attempt, BeginSignIn, FinishSignIn, begin_sign_in, fail_sign_in, finish_sign_in
from card_service.web.csrf import session_secret

NOBODY = 0
NOT_KNOWN_YET = "sign-in"
"""Who is said to have done what was done before anybody was known."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of an attempt: whose it is if it was right, and how many seconds to wait if it was not."""

    account: Account | None
    wait_seconds: int
    login_hash: str


def judge(typed_login: str, password: str) -> Judged:
    """Verify a password, in the same steps whether the login is known or not; holds no connection meanwhile."""
    login = normal_login(typed_login)
    login_hash = session_secret().login(login or typed_login.strip().lower())
    attempt = database().transact(begin_sign_in, context(), BeginSignIn(login, login_hash))
    account = attempt.account
    release_connection()
    is_right = verify(password, account.password_hash if account else None)
    if account is not None and is_right and account.is_active and not attempt.is_locked:
        return Judged(account, 0, login_hash)
    return _failed(attempt, login_hash)


def open_session(typed_login: str, password: str) -> tuple[str | None, int]:
    """Sign a person in: gives the token of the new session, or None and how many seconds to wait."""
    judged = judge(typed_login, password)
    account = judged.account
    if account is None:
        return None, judged.wait_seconds
    token = new_token()
    new_hash = hash_password(password) if is_outdated(account.password_hash) else None
    request = FinishSignIn(account.id, account.password_hash, new_hash, judged.login_hash, session_secret().stored(token))
    opened = database().transact(finish_sign_in, context(account.tenant_id, f"user:{account.id}"), request)
    return (token, 0) if opened else (None, 0)


def release_connection() -> None:
    """Give back the connection of a page before a password is hashed; the next statement takes one again."""
    with database().lease() as lease:
        lease.close()


def context(tenant_id: int = NOBODY, performed_by: str = NOT_KNOWN_YET) -> Context:
    """Make the context of a use case before `g.caller` is known."""
    return Context(tenant_id, performed_by, current_app.extensions["clock"](), request_id=g.get("request_id", ""))


def _failed(attempt: Attempt, login_hash: str) -> Judged:
    # While the login is locked nothing is written, or an attacker could fill the audit log.
    if not attempt.is_locked:
        tenant_id = attempt.account.tenant_id if attempt.account else NOBODY
        database().transact(fail_sign_in, context(tenant_id), attempt, login_hash)
    return Judged(None, seconds_until(attempt.locked_until, context().now), login_hash)
