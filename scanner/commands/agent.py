"""`scanner agent`: hands the cards that are shown to paired pages of this machine's browser."""

import errno
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from scanner.commands.source_options import SourceOptions, source_options
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.agent.pairing import Pairing
    from scanner.agent.server import AgentServer

CONFIG_VARIABLE = "SCANNER_CONFIG_DIR"
DEFAULT_PORT = 8765
LOWEST_PORT, HIGHEST_PORT = 1024, 65535


class AgentImpossible(ScannerError):
    """The agent cannot be started as it was asked to."""


@click.command()
@source_options(required=False)
@click.option(
    "--origin",
    "origins",
    metavar="ORIGIN",
    multiple=True,
    envvar="SCANNER_AGENT_ORIGINS",
    show_envvar=True,
    help="A page that may listen, such as https://till.example; may be repeated.  [default: the page of the service]",
)
@click.option(
    "--port", type=click.IntRange(LOWEST_PORT, HIGHEST_PORT), default=DEFAULT_PORT, show_default=True, help="Of 127.0.0.1."
)
@click.option("--pair", is_flag=True, help="Print a code that pairs one page, and end; the agent may be running.")
@click.option("--forget", is_flag=True, help="End all pairings, and end; the agent may be running.")
def agent(options: SourceOptions, *, origins: tuple[str, ...], port: int, pair: bool, forget: bool) -> None:
    """Hand the cards that are shown to pages of this machine's browser.

    Listens on 127.0.0.1 only, for pages of the named origins that were paired with a code. The service's own page is the
    default: the origin of SCANNER_SERVICE_URL. The pairings are kept in the user's configuration folder, or in the one that
    SCANNER_CONFIG_DIR names. docs/scanner.md has the protocol. Ctrl-C ends it.

    Exit code: 0 it was ended or its source ended, 1 it cannot be started or its source cannot be read, 2 wrong usage.
    """
    from scanner.agent.pairing import Pairing  # noqa: PLC0415

    folder = os.environ.get(CONFIG_VARIABLE) or click.get_app_dir("scanner")
    pairing = Pairing(Path(folder))
    try:
        if forget:
            pairing.forget()
            click.echo("all pairings are ended")
        if pair:
            _print_code(pairing)
        if pair or forget:
            return
        if options.spec is None:
            raise click.UsageError("give --source, or --pair for a code, or --forget to end all pairings")
        _run(options.spec, options, _origins(origins), port, pairing)
    except ScannerError as problem:
        click.echo(f"scanner: {problem}", err=True)
        sys.exit(1)
    except OSError as problem:
        if problem.filename is None:
            raise
        click.echo(f"scanner: {problem.filename}: {problem.strerror}; give a folder of your own in {CONFIG_VARIABLE}", err=True)
        sys.exit(1)


def _run(spec: str, options: SourceOptions, origins: frozenset[str], port: int, pairing: "Pairing") -> None:
    """Listen and read until the source ends or a signal comes."""
    from scanner.acceptance import Acceptance, Accepted  # noqa: PLC0415
    from scanner.agent.recent import TIME_TO_LIVE_SECONDS  # noqa: PLC0415
    from scanner.feedback import Feedback  # noqa: PLC0415
    from scanner.read import closed_by_signals, event_of, watch  # noqa: PLC0415
    from scanner.sources import open_source  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format="%(asctime)s scanner: %(message)s")
    acceptance = Acceptance(pattern=options.pattern, ean_prefix=options.ean_prefix)
    source = open_source(spec)
    with closed_by_signals(source) as stop, _listening(port, origins, pairing, source.name) as server:
        click.echo(f"listening on http://127.0.0.1:{server.port} for {', '.join(sorted(origins))}")
        if not pairing.paired:
            _print_code(pairing)
        # A reader that is not plugged in yet is waited for: `read` opens it, and says so.
        with Feedback(quiet=options.quiet, window=options.window) as feedback, closing(watch(source, acceptance)) as everything:
            for seen in everything:
                if isinstance(seen.verdict, Accepted):
                    server.publish(event_of(seen.verdict, source))
                    feedback.accepted()
                feedback.show(seen)
            # The source ended by itself: a page that connects again in time still gets its last card.
            stop.wait(TIME_TO_LIVE_SECONDS)


@contextmanager
def _listening(port: int, origins: frozenset[str], pairing: "Pairing", source: str) -> "Iterator[AgentServer]":
    """Give a server that answers in a thread of its own."""
    from scanner.agent.server import AgentServer  # noqa: PLC0415

    try:
        server = AgentServer(port, origins, pairing, source)
    except OSError as problem:
        if problem.errno != errno.EADDRINUSE:
            raise
        raise AgentImpossible(f"port {port} is taken, perhaps by another agent; end that, or give another --port") from problem
    thread = Thread(target=server.serve_forever, name="agent", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(5)


def _origins(given: tuple[str, ...]) -> frozenset[str]:
    """Return the origins that may listen: those given, or else the service's."""
    from scanner.agent.gate import BadOrigin, origin  # noqa: PLC0415
    from scanner.lookup import DEFAULT_URL, URL_VARIABLE  # noqa: PLC0415

    own = os.environ.get(URL_VARIABLE)
    # Both names of this machine, because a person types either.
    texts = given or ((own,) if own else (DEFAULT_URL, DEFAULT_URL.replace("127.0.0.1", "localhost")))
    try:
        return frozenset(origin(text) for text in texts)
    except BadOrigin as bad:
        raise click.BadParameter(str(bad), param_hint="--origin") from bad


def _print_code(pairing: "Pairing") -> None:
    code = pairing.new_code()
    click.echo(f"pairing code: {code} (type it in the page within 10 minutes; it works once)")
