"""Answers that are no JSON: pictures and pages."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request


@dataclass(frozen=True)
class Media:
    """What a route gives that is no JSON: the media type, and what the document says of headers of its own."""

    type: str
    headers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def picture(content: bytes, media_type: str) -> Response:
    """Answer with a picture: a caller that has it already is told so, and a browser does nothing else with it."""
    response = Response(content, content_type=media_type)
    # What it shows may change, and it is one tenant's own.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    # Adds nothing but the 304 for a caller that has this content already.
    response.make_conditional(request)
    return response


def page(html: str, policy: str, headers: Mapping[str, str]) -> Response:
    """Answer with a page that loads nothing, under its own policy; nobody keeps it on the way."""
    response = Response(html, content_type="text/html; charset=utf-8", headers=dict(headers))
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
