"""The numbers behind `/metrics`, added up over all worker processes.

prometheus-client decides when it is first imported whether it keeps its numbers in memory or in the files that
several processes share: `PROMETHEUS_MULTIPROC_DIR` must be set before this module is loaded (config/server.py).
"""

import os
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import Engine, event

from card_service.kit.db.database import Database

# When a series began is of no use beside its value, and doubles what is sent.
disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus-client leaves it untyped
REGISTRY = CollectorRegistry()
MEDIA_TYPE = CONTENT_TYPE_LATEST
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0)
"""Upper bounds of the histogram; 8 s is the longest that any request may take (docs/reliability.md)."""

_requests = Counter("card_service_requests", "Requests answered", ["method", "route", "status"], registry=REGISTRY)
_duration = Histogram(
    "card_service_request_duration_seconds",
    "Time from the first byte of a request known to its answer",
    ["method", "route"],
    buckets=SECONDS,
    registry=REGISTRY,
)
_retries = Counter("card_service_retries", "Use cases run again because the database asked for it", ["cause"], registry=REGISTRY)
_replays = Counter("card_service_replays", "Requests answered with their stored first answer", ["operation"], registry=REGISTRY)
_in_use = Gauge(
    "card_service_pool_connections_in_use",
    "Database connections that requests hold at this moment",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
_size = Gauge(
    "card_service_pool_connections_max",
    "Database connections that all workers together may hold",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
# The children of each label set, looked up without building them anew: labels() costs more than counting does.
_children: dict[tuple[str, str, int], tuple[Any, Any]] = {}


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an answer; `route` is the rule of the URL, so that ids in paths make no new series."""
    found = _children.get((method, route, status))
    if found is None:
        # Anyone can send any word as a method; only known ones get a series.
        known = method if method in _METHODS else "OTHER"
        found = (_requests.labels(known, route, str(status)), _duration.labels(known, route))
        if known == method:
            _children[method, route, status] = found
    found[0].inc()
    found[1].observe(seconds)


def count_retry(cause: str) -> None:
    """Count a use case that is run again; for `Database(on_retry=...)`."""
    _retries.labels(cause).inc()


def count_replay(operation: str) -> None:
    """Count a request that was answered with its stored answer."""
    _replays.labels(operation).inc()


def watch_pool(database: Database) -> None:
    """Count the connections that are in use."""
    engine: Engine = database.engine
    size = getattr(engine.pool, "size", None)
    _size.set(size() if size is not None else 0)
    event.listen(engine, "checkout", lambda *_: _in_use.inc())
    event.listen(engine, "checkin", lambda *_: _in_use.dec())


def exposition() -> bytes:
    """Write all numbers in the text format of Prometheus."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # prometheus-client leaves it untyped
    return generate_latest(together)
