"""Who is in front of a page: the session of the cookie, asked at each request.

`signed_in` is to pages what `Blueprint.call` is to the API: one decorator that says who may, holds one connection for
the request, and leaves `g.caller` behind, so that `kit/http/blueprint.py`'s `transact`, `read` and `context` work.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, current_app, g, make_response, redirect, request

from card_service.kit.auth.caller import ADMIN, CASHIER, Caller
from card_service.kit.auth.sessions import is_token
from card_service.kit.context import Context
from card_service.kit.errors import ServiceError, Unauthenticated
from card_service.kit.http.blueprint import database, transact
from card_service.kit.http.problems import render
from card_service.users.sessions import SignedIn, find_session, is_due, touch
from card_service.web.csrf import SAFE, require_own_page, session_secret
from card_service.web.next_path import path_of, sign_in_address
from card_service.web.refusal_page import refusal_page
from card_service.web.security import secured

COOKIE = "__Host-card-service"
NOBODY = 0
MAX_BYTES = 64 * 1024
_SCRIPT_MODES = frozenset({"cors", "same-origin", "no-cors"})

View = Callable[..., Any]


class SignedOut(Unauthenticated):
    """The request has no session, or one that is over."""

    title = "You are signed out: sign in again to go on; nothing was changed"


@dataclass(frozen=True, slots=True)
class User:
    """The person in front of the page, for templates and views; `g.user`."""

    id: int
    name: str
    login: str
    role: str
    tenant_name: str


def signed_in(*roles: str) -> Callable[[View], View]:
    """Let only people of these roles in; the view runs with `g.caller`, `g.user` and one leased connection.

    Everything but GET and HEAD must come from a page of the same session: `X-CSRF-Token` or the field `csrf_token`.
    Nobody signed in: a page leads to /sign-in and back, htmx is told to go there, a script gets a 401.
    """
    allowed = frozenset(roles)
    if not allowed or allowed - {ADMIN, CASHIER}:
        msg = f"a page is for admin or cashier, not for {sorted(allowed)}"
        raise ValueError(msg)

    def decorate(view: View) -> View:
        @wraps(view)
        def endpoint(**path: Any) -> Response:
            keep_body()
            with database().lease():
                try:
                    answer = _let_in(allowed) or make_response(view(**path))
                except ServiceError as error:
                    if is_script():
                        raise
                    answer = refusal_page(error)
                return secured(answer)

        endpoint.roles = allowed  # type: ignore[attr-defined]
        return endpoint

    return decorate


def open_to_all(view: View) -> View:
    """Declare a page that needs no session; the guards ask every page who may open it."""
    view.roles = frozenset()  # type: ignore[attr-defined]
    return view


def keep_body() -> None:
    """Read the body before a connection is taken, so that a slow sender holds none."""
    request.max_content_length = MAX_BYTES
    request.get_data(cache=True)


def session_token() -> str | None:
    """Give the token of the cookie, None if there is none that could be ours."""
    token = request.cookies.get(COOKIE)
    return token if token is not None and is_token(token) else None


def current_session() -> SignedIn | None:
    """Find the session of the cookie, None if it is not in force."""
    token = session_token()
    if token is None:
        return None
    now = current_app.extensions["clock"]()
    return database().read(find_session, Context(NOBODY, "authentication", now), session_secret().stored(token))


def is_script() -> bool:
    """Tell whether a script of a page asks, which can read a problem and cannot show a page."""
    headers = request.headers
    return (
        "HX-Request" in headers
        or headers.get("Sec-Fetch-Mode") in _SCRIPT_MODES
        or "json" in headers.get("Accept", "")
        or request.is_json
    )


def _let_in(allowed: frozenset[str]) -> Response | None:
    """Make the session's person the caller; gives an answer instead if there is none."""
    found, token = current_session(), session_token()
    if found is None or token is None:
        return _ask_to_sign_in()
    g.caller = Caller(found.tenant_id, found.role, f"user:{found.id}")
    g.user = User(found.id, found.name, found.login, found.role, found.tenant_name)
    g.user_session = found
    g.form_token = session_secret().form_token(token)
    current_app.extensions["authenticate"].limiter.count_request(f"{g.caller.tenant_id}:{g.caller.name}")
    if request.method not in SAFE:
        require_own_page(token)
    g.caller.require(allowed)
    if is_due(found, current_app.extensions["clock"]()):
        transact(touch, found.session_id)
    return None


def _ask_to_sign_in() -> Response:
    if "HX-Request" in request.headers:
        back = path_of(request.headers.get("HX-Current-URL")) or ""
        return Response(status=401, headers={"HX-Redirect": sign_in_address(back)})
    if is_script():
        return render(SignedOut())
    # What was sent cannot be sent again: a form leads back to the page it stood on.
    back = request.full_path.rstrip("?") if request.method in SAFE else path_of(request.referrer) or ""
    return make_response(redirect(sign_in_address(back), 303))
