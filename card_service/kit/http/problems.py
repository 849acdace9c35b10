"""Every refusal in one shape: RFC 9457 problem details with a stable `code`."""

from typing import Any

import structlog
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from card_service.kit.errors import AlreadyAnswered, ServiceError, TooManyRequests, Unauthenticated, Unavailable
from card_service.kit.wire import JSON, encode

PROBLEM = "application/problem+json"
FAULT = 500
_BY_STATUS = {
    400: ("MALFORMED_JSON", "The request is not well-formed"),
    404: ("NOT_FOUND", "There is nothing here"),
    405: ("METHOD_NOT_ALLOWED", "This path does not take this method"),
    413: ("BODY_TOO_LARGE", "The body is larger than 64 KiB"),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The body must be sent as application/json"),
}
log = structlog.get_logger("card_service.http")


def problem(status: int, code: str, title: str, detail: str, **members: Any) -> Response:
    """Render a refusal."""
    body = {"type": f"urn:card-service:problem:{code.lower()}", "title": title, "status": status, "detail": detail}
    return Response(encode(body | {"code": code} | members), status, content_type=PROBLEM)


def problem_of(error: ServiceError) -> dict[str, Any]:
    """Give the members of a refusal, for answers that carry several."""
    body: dict[str, Any] = {
        "type": f"urn:card-service:problem:{error.code.lower()}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        **error.extra,
    }
    if (errors := getattr(error, "errors", None)) is not None:
        body["errors"] = errors
    return body


def render(error: ServiceError) -> Response:
    """Turn a refusal into its answer; one that is our own fault is logged."""
    if error.status == FAULT:
        log.error("unexpected_error", error=type(error).__name__, exc_info=error)
    response = Response(encode(problem_of(error)), error.status, content_type=PROBLEM)
    if isinstance(error, (TooManyRequests, Unavailable)):
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def replayed(first: AlreadyAnswered) -> Response:
    """Send the very bytes of the first answer again."""
    return Response(first.body, first.status, content_type=JSON, headers={"Idempotent-Replayed": "true"})


def register(app: Flask) -> None:
    """Make these the answers to everything that goes wrong in an application."""

    def on_http(error: HTTPException) -> Response:
        status = error.code or 500
        code, title = _BY_STATUS.get(status, ("HTTP_ERROR", error.name))
        response = problem(status, code, title, error.description or title)
        allow = error.get_response().headers.get("Allow")
        if allow:
            response.headers["Allow"] = allow
        return response

    def on_anything(error: Exception) -> Response:
        log.error("unexpected_error", error=type(error).__name__, exc_info=error)
        title = "Something went wrong on our side; nothing was written"
        return problem(500, "INTERNAL_ERROR", title, title)

    app.register_error_handler(ServiceError, render)
    app.register_error_handler(AlreadyAnswered, replayed)
    app.register_error_handler(HTTPException, on_http)
    app.register_error_handler(Exception, on_anything)
