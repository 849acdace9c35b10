"""The options of the commands that read a source."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Any

import click

SOURCE = "wedge:ID, serial:PORT, hid, camera:0, file:PATH or stdin; `scanner devices` lists what is there."


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What to read, what a card of this tenant looks like, and what is heard and seen of it."""

    spec: str | None
    pattern: str | None
    ean_prefix: str | None
    quiet: bool
    window: bool | None


def source_options(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add the options to a command, which is given them together as `options`."""
    add = (
        click.option("--source", "spec", metavar="SPEC", required=required, help=SOURCE),
        click.option("--pattern", metavar="REGEX", callback=_expression, help="Take only numbers that match it in full."),
        click.option(
            "--ean-prefix", metavar="DIGITS", callback=_digits, help="Take EAN-13 and UPC-A that begin with it; without it none."
        ),
        click.option("--quiet", is_flag=True, help="Make no sound."),
        click.option("--window/--no-window", default=None, help="Show what a camera sees.  [default: where there is a screen]"),
    )

    def of(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def gathered(**given: Any) -> None:
            options = SourceOptions(**{field.name: given.pop(field.name) for field in fields(SourceOptions)})
            command(options=options, **given)

        decorated: Callable[..., None] = gathered
        for option in reversed(add):
            decorated = option(decorated)
        return decorated

    return of


def _expression(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None:
        try:
            re.compile(value)
        except re.error as problem:
            raise click.BadParameter(f"not a regular expression: {problem}") from problem
    return value


def _digits(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    if value is not None and re.fullmatch("[0-9]{1,12}", value) is None:
        raise click.BadParameter("give the digits that your cards' EAN-13 begin with, 1 to 12 of them")
    return value
