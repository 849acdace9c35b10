"""A refusal as a page, for people who followed a link or sent a form."""

from flask import Response, make_response, render_template

from card_service.kit.errors import Forbidden, ServiceError, TooManyRequests, Unavailable
from card_service.web.security import secured


def refusal_page(error: ServiceError) -> Response:
    """Say what happened and what to do next."""
    # What `Caller.require` raises; its sentence is for programs, which have credentials and not a pharmacy.
    page = render_template("refusal.html", error=error, wrong_role=type(error) is Forbidden)
    response = make_response(page, error.status)
    if isinstance(error, (TooManyRequests, Unavailable)):
        response.headers["Retry-After"] = str(error.retry_after)
    return secured(response)
