"""`scanner decode`: reads the card numbers on pictures and in videos."""

import json
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scanner.errors import NothingFound, NotInstalled, NotRead

if TYPE_CHECKING:
    from scanner.decode.code import Code

SHOWN_AS = {"QR": "QRCODE"}
"""The names that this command has always printed; the events of `scanner read` say QR."""

LIBRARIES = ("pyzbar.pyzbar", "cv2", "zxingcpp")
"""What reading needs, in the order in which a missing one is named."""

EXTRA = "pip install 'card-service[scanner]'"


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line: file, number, symbology.")
def decode(files: tuple[Path, ...], *, as_json: bool) -> None:
    """Read the card numbers on pictures and in videos.

    Prints a line for each code found: number, symbology and file, with a tab between them. A code that is seen more than
    once in a video is one line; `scanner read --source file:FILE` gives its events. A file that cannot be read gets one
    line on stderr, and the others are still read.

    Exit code: 0 every file was read, 1 at least one was not, 2 wrong usage.
    """
    try:
        read = _load_reader()
    except NotInstalled as problem:
        click.echo(f"scanner: {problem}", err=True)
        sys.exit(1)
    unread = 0
    for file in files:
        try:
            for code in read(file):
                click.echo(_line(file, code, as_json=as_json))
        except NotRead as problem:
            unread += 1
            click.echo(f"scanner: {problem}", err=True)
    sys.exit(1 if unread else 0)


def load_libraries() -> None:
    """Load what reading needs, or raise `NotInstalled` with what to install."""
    try:
        for library in LIBRARIES:
            import_module(library)
    except ModuleNotFoundError as missing:
        raise NotInstalled(f"the Python package {missing.name} is not installed; type: {EXTRA}") from missing
    except ImportError as broken:
        if "zbar" in str(broken):
            raise NotInstalled(
                "the zbar library is not installed; on Debian or Ubuntu type: sudo apt-get install libzbar0"
            ) from broken
        raise NotInstalled(f"a library of the scanner does not load ({broken}); type: {EXTRA}") from broken


def _load_reader() -> "Callable[[Path], tuple[Code, ...]]":
    """Return the function that reads one file, or raise `NotInstalled` with what to install.

    Loaded here and not at the top, so that `--help` works, and a missing library is explained, without them.
    """
    load_libraries()
    from scanner.film import codes_of_file  # noqa: PLC0415

    def read(file: Path) -> "tuple[Code, ...]":
        codes = codes_of_file(file)
        if not codes:
            raise NothingFound(f"{file}: no barcode found; take the picture closer, sharper and without glare")
        return codes

    return read


def _line(file: Path, code: "Code", *, as_json: bool) -> str:
    """Return what is printed for a code; a line break inside a QR code must not look like a second card."""
    symbology = SHOWN_AS.get(code.symbology, code.symbology)
    if as_json:
        return json.dumps({"file": str(file), "number": code.number, "symbology": symbology})
    number = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii") for character in code.number
    )
    return f"{number}\t{symbology}\t{click.format_filename(file)}"
