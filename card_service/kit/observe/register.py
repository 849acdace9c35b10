"""Hooks and routes that make an application visible: `/metrics`, `/healthz`, `/readyz`, a log line a request."""

import re
import secrets
from collections.abc import Callable
from time import perf_counter

import structlog
from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars

from card_service.kit.db.database import Database
from card_service.kit.observe import metrics
from card_service.kit.wire import JSON, encode

log = structlog.get_logger("card_service.request")
UNMATCHED = "unmatched"
POLLED = frozenset({"healthz", "readyz", "metrics"})
"""Endpoints that machines ask for every few seconds: counted, but no line is written."""
_STARTED, _ID = "card_service.started", "card_service.request_id"
# Letters must be in it: a name of digits alone could be someone's telephone number.
_WELL_FORMED = re.compile(r"(?=[0-9._-]*[A-Za-z])[A-Za-z0-9._-]{1,64}\Z")


def register(app: Flask, database: Database, *, at_head: Callable[[], bool]) -> None:
    """Add them to an application.

    `at_head` tells whether the database is at the newest migration, and raises when it cannot be reached.
    """
    metrics.watch_pool(database)
    app.before_request(_begin)
    app.after_request(_end)

    def healthz() -> Response:
        """Answer that the process lives, whatever the database does."""
        return Response('{"status":"ok"}', content_type=JSON)

    def readyz() -> Response:
        """Answer whether requests can be served: the database reachable, its migrations at head."""
        checks = {"database": "ok", "migrations": "ok"}
        try:
            if not at_head():
                checks["migrations"] = "behind: run `card-service db upgrade`"
        except Exception as error:  # whatever it is, the database cannot be used
            log.warning("not_ready", exc_info=error)
            checks = {"database": "unreachable", "migrations": "unknown"}
        ready = set(checks.values()) == {"ok"}
        body = {"status": "ready" if ready else "not ready", "checks": checks}
        return Response(encode(body), 200 if ready else 503, content_type=JSON)

    def metrics_() -> Response:
        """Answer the numbers of all workers."""
        return Response(metrics.exposition(), content_type=metrics.MEDIA_TYPE)

    for endpoint, view in (("healthz", healthz), ("readyz", readyz), ("metrics", metrics_)):
        app.add_url_rule(f"/{endpoint}", endpoint, view, methods=["GET"], provide_automatic_options=False)


def _begin() -> None:
    environ = request.environ
    sent = environ.get("HTTP_X_REQUEST_ID")
    request_id = sent if sent is not None and _WELL_FORMED.match(sent) else secrets.token_hex(8)
    environ[_STARTED] = perf_counter()
    g.request_id = environ[_ID] = request_id
    # Not cleared at the end: the next request of this thread sets it anew, and that is all that is ever bound.
    bind_contextvars(request_id=request_id)


def _end(response: Response) -> Response:
    # One look through each of Flask's proxies: each look costs as much as counting does.
    asked, caller = request._get_current_object(), g.get("caller")  # type: ignore[attr-defined]  # noqa: SLF001
    environ, rule, status = asked.environ, asked.url_rule, response.status_code
    endpoint, route = (rule.endpoint, rule.rule) if rule is not None else (UNMATCHED, UNMATCHED)
    seconds = perf_counter() - environ[_STARTED]
    metrics.count_request(environ["REQUEST_METHOD"], route, status, seconds)
    headers = response.headers
    if "Idempotent-Replayed" in headers:
        metrics.count_replay(endpoint)
    headers.add("X-Request-Id", environ[_ID])
    if endpoint not in POLLED:
        log.info(
            "request",
            tenant=caller.tenant_id if caller is not None else None,
            operation=endpoint,
            status=status,
            duration_ms=round(seconds * 1000, 3),
        )
    return response
