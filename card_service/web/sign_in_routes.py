"""The pages /sign-in and /account, and what their forms send; all of it works without a script."""

from typing import Any

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request

from card_service.kit.auth.caller import ADMIN, CASHIER
from card_service.kit.auth.passwords import hash_password
from card_service.kit.auth.sessions import is_token, new_token
from card_service.kit.errors import ServiceError, TooManyRequests
from card_service.kit.http.blueprint import database, transact
from card_service.users.password import ChangePassword, change_password
from card_service.users.rules import why_not
from card_service.users.sign_out import sign_out, sign_out_everywhere
from card_service.web.csrf import ForeignRequest, require_own_page, session_secret
from card_service.web.next_path import SIGN_IN, local_path
from card_service.web.refusal_page import refusal_page
from card_service.web.security import secured
from card_service.web.session import COOKIE, current_session, keep_body, open_to_all, signed_in
from card_service.web.sign_in import context, judge, open_session, release_connection

FORM_COOKIE = "__Host-card-service-form"
"""A token of a browser that has no session yet: so that nobody is signed in by a page of someone else."""
CHANGED, EVERYWHERE = "changed", "everywhere"

blueprint = Blueprint("people", __name__, template_folder="templates")


@blueprint.app_context_processor
def _of_the_person() -> dict[str, Any]:
    """Give every template the person in front of it, and what the forms must send."""
    return {"user": g.get("user"), "form_token": g.get("form_token")}


@blueprint.get(SIGN_IN)
@open_to_all
def sign_in_page() -> Response:
    """Show the form; someone who is signed in goes on."""
    with database().lease():
        found = current_session()
    if found is not None:
        return secured(make_response(redirect(local_path(request.args.get("next")), 303)))
    return _form(request.args.get("next"), said=request.args.get("after", ""))


@blueprint.post(SIGN_IN)
@open_to_all
def sign_in() -> Response:
    """Take a login and a password; the answer to a wrong one does not say what was wrong."""
    keep_body()
    next_path, token = request.form.get("next"), request.cookies.get(FORM_COOKIE, "")
    try:
        require_own_page(token)
    except ForeignRequest:
        return _form(next_path, status=403, said="stale")
    login = request.form.get("login", "")
    try:
        session_token, wait = open_session(login, request.form.get("password", ""))
        if session_token is None:
            current_app.extensions["authenticate"].limiter.count_failure(request.remote_addr or "")
            return _form(next_path, status=403, said="wrong", wait=wait, login=login)
    except ServiceError as error:
        return _too_many(error, next_path, login)
    _end_former_session()
    response = make_response(redirect(local_path(next_path), 303))
    response.set_cookie(COOKIE, session_token, secure=True, httponly=True, samesite="Lax", path="/")
    response.delete_cookie(FORM_COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return secured(response)


@blueprint.post("/sign-out")
@signed_in(ADMIN, CASHIER)
def sign_out_here() -> Response:
    """End the session of this browser."""
    transact(sign_out, g.user_session)
    return _leave("")


@blueprint.get("/account")
@signed_in(ADMIN, CASHIER)
def account() -> Response:
    """Show who is signed in, a form for a new password, and the button that ends all sessions."""
    return make_response(render_template("account.html"))


@blueprint.post("/sign-out-everywhere")
@signed_in(ADMIN, CASHIER)
def sign_out_all() -> Response:
    """End every session of the person, this one too."""
    transact(sign_out_everywhere, g.user.id)
    return _leave(EVERYWHERE)


@blueprint.post("/account/password")
@signed_in(ADMIN, CASHIER)
def new_password() -> Response:
    """Change the password, which ends every session; needs the old one, counted like a sign-in."""
    chosen = request.form.get("new_password", "")
    refusal = why_not(chosen, g.user.login, g.user.name, g.user.tenant_name)
    if refusal is None and chosen != request.form.get("new_password_again", ""):
        refusal = "The two new passwords are not the same: type them again."
    if refusal is not None:
        return make_response(render_template("account.html", refusal=refusal), 422)
    judged = judge(g.user.login, request.form.get("password", ""))
    if judged.account is None:
        return make_response(render_template("account.html", wrong=True, wait=judged.wait_seconds), 422)
    release_connection()
    transact(change_password, ChangePassword(g.user.id, hash_password(chosen), judged.login_hash))
    return _leave(CHANGED)


def _form(next_path: str | None, *, status: int = 200, said: str = "", wait: int = 0, login: str = "") -> Response:
    """Show the form for signing in, with a token of its own for a browser that has none."""
    token = request.cookies.get(FORM_COOKIE, "")
    is_new = not is_token(token)
    if is_new:
        token = new_token()
    page = render_template(
        "sign_in.html",
        next=local_path(next_path),
        said=said,
        wait=wait,
        login=login,
        form_token=session_secret().form_token(token),
    )
    response = secured(make_response(page, status))
    if is_new:
        response.set_cookie(FORM_COOKIE, token, secure=True, httponly=True, samesite="Lax", path="/")
    return response


def _too_many(error: ServiceError, next_path: str | None, login: str) -> Response:
    if not isinstance(error, TooManyRequests):
        return refusal_page(error)
    response = _form(next_path, status=429, said="wrong", wait=error.retry_after, login=login)
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _end_former_session() -> None:
    """End the session that this browser had until now: its token is forgotten, and so must be what it opened."""
    with database().lease():
        former = current_session()
        if former is not None:
            database().transact(sign_out, context(former.tenant_id, f"user:{former.id}"), former)


def _leave(after: str) -> Response:
    response = make_response(redirect(f"{SIGN_IN}?after={after}" if after else SIGN_IN, 303))
    response.delete_cookie(COOKIE, secure=True, httponly=True, samesite="Lax", path="/")
    return response
