"""How the counter answers: a fragment where htmx asks for one, the whole page where a browser does."""

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

import msgspec
import structlog
from flask import Blueprint, Response, g, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from card_service.card_config.settings import CardConfig, get_config
from card_service.kit.errors import ServiceError, TooManyRequests, Unavailable
from card_service.kit.http import blueprint as http
from card_service.web.counter_card import categories_of
from card_service.web.counter_sentences import sentence, sentence_of
from card_service.web.formats import Formats
from card_service.web.i18n import language
from card_service.web.refusal_page import refusal_page
from card_service.web.security import secured

View = Callable[..., Response]
MESSAGES = "#messages"
log = structlog.get_logger("card_service.counter")
_BY_STATUS = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED", 413: "BODY_TOO_LARGE"}


def is_fragment() -> bool:
    """Whether htmx asks, and puts the answer into the page it stands in."""
    return "HX-Request" in request.headers


def config() -> CardConfig:
    """Read the tenant's configuration, once for a request."""
    if "card_config" not in g:
        g.card_config = http.read(get_config, None)
    found: CardConfig = g.card_config
    return found


def formats() -> Formats:
    """Tell how this request's page writes its figures."""
    return Formats(language(), config().currency, config().timezone)


def show(name: str, *, status: int = 200, said: str = "", refused: str = "", into: str = "", **values: Any) -> Response:
    """Show the fragment `counter/<name>.html`.

    `said` and `refused` are the sentence for the messages, good or bad; `into` is where the fragment goes if not where
    the page would have put it.
    """
    values |= {"formats": formats(), "categories": categories_of(config()), "said": said, "refused": refused}
    if not is_fragment():
        return make_response(_page(f"counter/{name}.html", **values), status)
    html = render_template(f"counter/{name}.html", **values) + render_template("counter/said.html", **values)
    response = make_response(html, status)
    if into:
        response.headers["HX-Retarget"] = into
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def refuse(text: str, *, status: int, code: str = "") -> Response:
    """Show a sentence and change nothing else of the page."""
    values = {"said": "", "refused": text, "code": code}
    if not is_fragment():
        return make_response(_page("counter/ready.html", formats=formats(), categories=categories_of(config()), **values), status)
    headers = {"HX-Retarget": MESSAGES, "HX-Reswap": "innerHTML"}
    return Response(render_template("counter/message.html", **values), status, headers=headers, mimetype="text/html")


def refuse_error(error: ServiceError) -> Response:
    """Show a refusal of the service as a sentence."""
    known = formats() if "card_config" in g else None
    response = refuse(sentence_of(error, known), status=error.status, code=error.code)
    if isinstance(error, (TooManyRequests, Unavailable)):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def told(view: View) -> View:
    """Answer every refusal of a view with a sentence; stands below `signed_in`, which answers its own."""

    @wraps(view)
    def endpoint(**path: Any) -> Response:
        try:
            return view(**path)
        except ServiceError as error:
            return refuse_error(error)

    return endpoint


def register_refusals(blueprint: Blueprint) -> None:
    """Make sentences of what goes wrong outside of a view: another session's page, a body too large, a fault of ours."""

    def on_anything(error: Exception) -> Response:
        if isinstance(error, ServiceError):
            return secured(refuse_error(error))
        status, code = 500, "INTERNAL_ERROR"
        if isinstance(error, HTTPException):
            status, code = error.code or 500, _BY_STATUS.get(error.code or 500, "HTTP_ERROR")
        else:
            log.error("unexpected_error", error=type(error).__name__, exc_info=error)
        if is_fragment():
            return secured(refuse(sentence(code), status=status, code=code))
        page = refusal_page(ServiceError(sentence(code)))
        page.status_code = status
        return page

    blueprint.register_error_handler(ServiceError, on_anything)
    blueprint.register_error_handler(HTTPException, on_anything)
    blueprint.register_error_handler(Exception, on_anything)


def _page(fragment: str, **values: Any) -> str:
    listed = msgspec.json.encode([asdict(category) for category in values["categories"]]).decode()
    return render_template("counter/page.html", fragment=fragment, config=config(), category_list=listed, **values)
