"""From the text of `--source` to the source."""

from collections.abc import Callable
from pathlib import Path

import click

from scanner.errors import NoSuchSource, NotInstalled
from scanner.sources.base import Source
from scanner.sources.hid import HidReader
from scanner.sources.layouts import LAYOUTS
from scanner.sources.reconnect import Device, Reconnecting
from scanner.sources.stdin import StandardInput
from scanner.sources.wedge import Wedge

KINDS = "wedge:ID, serial:PORT, hid, camera:0, file:PATH or stdin"
EXTRA = "pip install 'card-service[scanner]'"


def say(line: str) -> None:
    """Tell the person at the counter, past what the program prints for others to read."""
    click.echo(f"scanner: {line}", err=True)


def open_source(spec: str, report: Callable[[str], None] = say) -> Source:
    """Return the source that `spec` names; it is not open yet.

    `wedge:ID[?layout=us|de|fr]`, `serial[:PORT][?baud=9600]`, `hid[:ID]`, `camera[:ID]`, `file:PATH` and `stdin`; where the id
    may be left out, that is the only device of its kind. A live source carries on by itself when it is unplugged and plugged in
    again, and tells `report` so, a line at a time. A caller who calls `open` learns at once what is wrong; one who only reads
    waits until the device is there.

    Raises `NoSuchSource` when the text names none, and `NotInstalled` when a library is missing.
    """
    kind, _, rest = spec.partition(":")
    if kind == "file" and rest:
        return _file(Path(rest))
    kind, asked = spec.partition("?")[0].partition(":")[0], _settings(spec)
    identity = rest.partition("?")[0]
    if kind == "stdin" and not identity:
        _no_more(spec, asked)
        return StandardInput(report)
    device = _device(spec, kind, identity, asked, report)
    _no_more(spec, asked)
    return Reconnecting(device, report)


def _settings(spec: str) -> dict[str, str]:
    """Return what stands behind the question mark: `name=value`, with `&` between two."""
    pairs = (pair.partition("=") for pair in spec.partition("?")[2].split("&") if pair)
    return {name: value for name, _, value in pairs}


def _no_more(spec: str, asked: dict[str, str]) -> None:
    if asked:
        raise NoSuchSource(f"{spec}: a source of this kind has no setting {' or '.join(asked)}; leave it out")


def _device(spec: str, kind: str, identity: str, asked: dict[str, str], report: Callable[[str], None]) -> Device:
    """Return the device, and take the settings that it knows out of `asked`."""
    if kind == "wedge":
        layout = asked.pop("layout", "us")
        if layout not in LAYOUTS:
            raise NoSuchSource(f"{spec}: there is no layout {layout!r}; give one of {', '.join(LAYOUTS)}")
        if not identity:
            raise NoSuchSource(f"{spec}: say which keyboard is the reader, as wedge:ID; scanner devices lists their ids")
        return Wedge(identity, LAYOUTS[layout], report)
    if kind == "hid":
        return HidReader(identity, report)
    if kind == "serial":
        return _serial(spec, identity, asked.pop("baud", ""), report)
    if kind == "camera":
        return _camera(identity)
    raise NoSuchSource(f"{spec}: no such source; give {KINDS}")


# The imports below are late, so that a keyboard wedge works without OpenCV, and help without anything.


def _serial(spec: str, port: str, baud: str, report: Callable[[str], None]) -> Device:
    try:
        from scanner.sources.serial_port import BAUD, SerialPort  # noqa: PLC0415
    except ImportError as missing:
        raise _not_installed(missing) from missing
    if baud and not (baud.isdecimal() and int(baud)):
        raise NoSuchSource(f"{spec}: the speed {baud!r} is no number; give one such as baud=9600")
    return SerialPort(port, report, baud=int(baud or BAUD))


def _camera(target: str) -> Device:
    try:
        from scanner.sources.camera import Camera  # noqa: PLC0415
    except ImportError as missing:
        raise _not_installed(missing) from missing
    return Camera(target)


def _file(path: Path) -> Source:
    try:
        from scanner.sources.files import PictureOrVideo  # noqa: PLC0415
    except ImportError as missing:
        raise _not_installed(missing) from missing
    return PictureOrVideo(path)


def _not_installed(missing: ImportError) -> NotInstalled:
    if isinstance(missing, ModuleNotFoundError):
        return NotInstalled(f"the Python package {missing.name} is not installed; type: {EXTRA}")
    return NotInstalled(f"a library of the scanner does not load ({missing}); type: {EXTRA}")
