"""Gunicorn's configuration, for those whose platform runs gunicorn: `gunicorn --config config/gunicorn.py wsgi:application`.

`card-service serve` embeds granian instead, which was faster and did not starve with many idle connections
(bench/README.md). Stopping is graceful here too: SIGTERM lets every request in flight finish.
"""

from typing import Any

from config.server import MOST_CONNECTIONS, STOP_SECONDS, forget_dead_workers, share_metrics
from config.settings import Settings

_settings = Settings.from_environment()
_clear_metrics = share_metrics(_settings.metrics_dir)

bind = "127.0.0.1:8089"
worker_class = "gthread"
workers = _settings.workers
threads = _settings.threads
worker_connections = MOST_CONNECTIONS
# Longer than the 60 s after which most proxies close an idle connection, so that the proxy always closes first.
keepalive = 75
graceful_timeout = STOP_SECONDS
# The heartbeat of a worker, not a limit of a request.
timeout = 30
backlog = 2048
# Each worker makes its own connections to the database, after the fork.
preload_app = False
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "warning"


def child_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Take what a worker held out of the numbers when it ends."""
    forget_dead_workers()


def on_exit(server: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Clear the folder of the numbers away."""
    _clear_metrics()
