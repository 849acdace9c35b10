"""Whether a request that changes something comes from a page of ours, asked of the browser and of the page."""

from urllib.parse import urlsplit

from flask import current_app, request

from card_service.kit.auth.sessions import SessionSecret, is_token
from card_service.kit.errors import Forbidden

HEADER, FIELD = "X-CSRF-Token", "csrf_token"
SAFE = frozenset({"GET", "HEAD"})


class ForeignRequest(Forbidden):
    """The request was not sent by a page of this session."""

    title = "This page is out of date or not ours: load it again and repeat what you did; nothing was changed"


def session_secret() -> SessionSecret:
    """Give the application's secret for sessions."""
    found: SessionSecret = current_app.extensions["session_secret"]
    return found


def require_own_page(token: str) -> None:
    """Refuse a request that a page of the session of `token` did not send; raises ForeignRequest.

    The token of the page must always be right. What the browser says of the sender must not speak against it.
    """
    if not _browser_agrees():
        raise ForeignRequest
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not is_token(token) or not session_secret().is_form_token(given, token):
        raise ForeignRequest


def _browser_agrees() -> bool:
    """Ask the headers that no script can set; old browsers and programs send neither."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    try:
        # The host only: behind a proxy with TLS this program cannot know that it is https.
        return origin is None or urlsplit(origin).netloc == request.host
    except ValueError:
        return False
