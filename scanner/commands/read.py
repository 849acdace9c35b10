"""`scanner read`: prints the cards that are shown, as they are shown."""

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import click

from scanner.commands.source_options import SourceOptions, source_options
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.event import ScanEvent
    from scanner.feedback import Feedback
    from scanner.lookup import Service


@click.command()
@source_options(required=True)
@click.option("--jsonl", is_flag=True, help="Print one JSON object a line: number, symbology, time, source, id.")
@click.option("--lookup", is_flag=True, help="Ask the service who holds the card and what it is worth.")
@click.option("--once", is_flag=True, help="End after the first card.")
def read(options: SourceOptions, *, jsonl: bool, lookup: bool, once: bool) -> None:
    """Print the cards that are shown to a reader or a camera.

    A line for each card: number, symbology and source, with a tab between them; what is shown and not taken gets a
    line on stderr. Nothing is typed anywhere. Ctrl-C ends it.

    With --lookup the line also has name, points and worth, or what to do. The service is at SCANNER_SERVICE_URL
    (http://127.0.0.1:8089); a cashier's key is in SCANNER_API_KEY, or in the file that SCANNER_API_KEY_FILE names.
    With --jsonl it is in `card`, or in `problem`.

    Exit code: 0 the source ended or was ended, 1 it cannot be read (with --once: no card was shown), 2 wrong usage.
    """
    # Late, so that --help works without the libraries.
    from scanner.acceptance import Acceptance, Accepted  # noqa: PLC0415
    from scanner.feedback import Feedback  # noqa: PLC0415
    from scanner.lookup import Service  # noqa: PLC0415
    from scanner.read import closed_by_signals, event_of, watch  # noqa: PLC0415
    from scanner.sources import open_source  # noqa: PLC0415

    shown = 0
    try:
        service = Service.from_environment() if lookup else None
        acceptance = Acceptance(pattern=options.pattern, ean_prefix=options.ean_prefix)
        source = open_source(options.spec or "")
        with (
            closed_by_signals(source),
            Feedback(quiet=options.quiet, window=options.window) as feedback,
            closing(watch(source, acceptance)) as everything,
        ):
            source.open()  # what is wrong with it is said now, and not waited for
            for seen in everything:
                feedback.show(seen)
                if isinstance(seen.verdict, Accepted):
                    shown += 1
                    _print(event_of(seen.verdict, source), service, feedback, jsonl=jsonl)
                    if once:
                        break
    except ScannerError as problem:
        click.echo(f"scanner: {problem}", err=True)
        sys.exit(1)
    if once and not shown:
        click.echo("scanner: no card was shown", err=True)
        sys.exit(1)


def _print(event: "ScanEvent", service: "Service | None", feedback: "Feedback", *, jsonl: bool) -> None:
    """Print an accepted card, with what the service knows of it when it is asked."""
    from scanner.lookup import LookupFailed  # noqa: PLC0415
    from scanner.printable import printable  # noqa: PLC0415

    document: dict[str, Any] = json.loads(event.as_json())
    words = [printable(event.number), event.symbology, printable(event.source)]
    try:
        if service is not None:
            found = service.find(event.number)
            document["card"] = found.as_dict()
            words.append(found.line())
        feedback.accepted()
    except LookupFailed as problem:
        document["problem"] = str(problem)
        words.append(str(problem))
        feedback.refused()
    click.echo(json.dumps(document) if jsonl else "\t".join(words))
