"""`scanner bench`: how well and how fast photographs are read."""

import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.commands.decode import load_libraries
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.bench import Figures

HEADING = f"{'symbology':<10}{'pictures':>9}{'read':>6}{'%':>7}{'wrong':>7}{'accepted':>10}{'CPU ms p50':>12}{'p95':>8}"


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: the figures, and every wrong answer.")
@click.option(
    "--repeat", default=1, type=click.IntRange(1), show_default=True, help="Read each picture so often; the fastest counts."
)
@click.option("--pattern", metavar="REGEX", help="Accept only numbers that match it in full.")
@click.option("--ean-prefix", metavar="DIGITS", help="Accept EAN-13 and UPC-A that begin so; without it none.")
def bench(folder: Path, *, as_json: bool, repeat: int, pattern: str | None, ean_prefix: str | None) -> None:
    """Measure the reader on a folder of photographs.

    DIR holds manifest.csv with the columns path, symbology and expected; a picture of the symbology NEGATIVE holds no
    code. Prints for each symbology how many were read, how many gave only a wrong answer, how many of those the rules of
    the counter would have accepted, and the CPU time (pictures up to 1280 pixels); progress and every wrong answer
    go to stderr.

    Exit code: 0, or 1 when a wrong answer would have been accepted, a picture without a code gave one, or the folder
    cannot be measured.
    """
    try:
        load_libraries()
        from scanner import bench as measuring  # noqa: PLC0415
        from scanner.acceptance import Acceptance  # noqa: PLC0415

        photographs = measuring.load(folder)
        acceptance = partial(Acceptance, pattern=pattern, ean_prefix=ean_prefix)
        acceptance()
    except ScannerError as problem:
        click.echo(f"scanner: {problem}", err=True)
        sys.exit(1)
    except re.error as problem:
        raise click.BadParameter(f"not a regular expression: {problem}", param_hint="--pattern") from problem
    with click.progressbar(photographs, label="pictures", file=sys.stderr) as progress:
        outcomes = [measuring.measure(photograph, acceptance, repeat) for photograph in progress]
    figures = measuring.summarise(outcomes)
    if as_json:
        click.echo(json.dumps(measuring.as_json(outcomes)))
    else:
        click.echo("\n".join((HEADING, *map(_line, figures))))
    for outcome in outcomes:
        if outcome.wrong:
            verdict = "ACCEPTED" if outcome.accepted else "not accepted"
            answers = ", ".join(map(repr, outcome.answers))
            click.echo(f"wrong: {outcome.photograph.path}: {answers}, not {outcome.photograph.expected!r} ({verdict})", err=True)
    sys.exit(1 if any(outcome.accepted or (outcome.wrong and outcome.negative) for outcome in outcomes) else 0)


def _line(figures: "Figures") -> str:
    return (
        f"{figures.symbology:<10}{figures.pictures:>9}{figures.read:>6}{figures.read_percent:>7.1f}{figures.wrong:>7}"
        f"{figures.wrong_accepted:>10}{figures.cpu_ms_p50:>12.1f}{figures.cpu_ms_p95:>8.1f}"
    )
