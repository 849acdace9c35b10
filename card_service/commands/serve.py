"""`card-service serve`: the service itself."""

import signal
import sys

import click
from sqlalchemy import Connection, text

from card_service.commands.connection import opened, read_settings
from card_service.commands.failure import Failure, explained
from card_service.kit.db.database import Database
from config import server

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 8089


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=DEFAULT_PORT, show_default=True, help="The port to listen on.")
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="The address to listen on; 0.0.0.0 is all of this machine.")
def serve(port: int, host: str) -> None:
    """Serve the API.

    Until SIGTERM or Ctrl-C; requests in flight are finished first. Needs a migrated database (`card-service db
    upgrade`). Log lines are JSON on stderr; /docs is the interactive page, /metrics, /healthz and /readyz are for
    machines.
    """
    settings = read_settings()
    with opened(settings) as database:
        require_durable(database)
    try:
        server.check_port(host, port)
    except server.PortTaken as taken:
        raise Failure(str(taken)) from taken
    # Until the server has a handler of its own: what is cleared away at the end is cleared away then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    clear_metrics = server.share_metrics(settings.metrics_dir)

    def load() -> server.Application:
        from card_service.app import create_app  # noqa: PLC0415 - already loaded, see below

        with explained():
            return create_app(settings)

    def announce() -> None:
        click.echo(f"Ready: http://{host}:{port} (interactive page: http://{host}:{port}/docs). Ctrl-C stops.")

    # Loaded once here, after the folder of the metrics is set and before the workers are forked from this process.
    import card_service.app  # noqa: F401, PLC0415

    try:
        server.run(load, host=host, port=port, workers=settings.workers, threads=settings.threads, announce=announce)
    finally:
        clear_metrics()


def require_durable(database: Database) -> None:
    """Refuse a server that answers COMMIT before the log is on disk: kill -9 lost 14,306 of 32,681 writes there."""
    if database.engine.dialect.name == "sqlite":
        return
    with database.engine.connect() as connection:
        setting = _variable(connection, "innodb_flush_log_at_trx_commit")
    if setting not in {None, "1"}:
        raise Failure(
            f"The database runs with innodb_flush_log_at_trx_commit={setting}, which loses acknowledged points when it crashes:"
            " set it to 1 in the server's configuration (docs/operations.md)."
        )


def _variable(connection: Connection, name: str) -> str | None:
    row = connection.execute(text("SHOW GLOBAL VARIABLES LIKE :name"), {"name": name}).first()
    return None if row is None else str(row[1])
