"""`scanner doctor`: says what is missing, and how to get it."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

import click

from scanner.beep import PLAYERS
from scanner.commands.devices import everything
from scanner.sources.machine import Machine, Plugged

EXTRA = "pip install 'card-service[scanner]'"
LIBRARIES = {
    "zxingcpp": ("zxing-cpp", "reads codes"),
    "pyzbar.pyzbar": ("pyzbar", "reads codes"),
    "cv2": ("opencv-python-headless", "takes pictures"),
    "serial": ("pyserial", "reads serial ports"),
}
"""The modules, the package that each is in, and what it is for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: what was looked at, and what is to be done when it is not well."""

    subject: str
    advice: str | None = None
    is_needed: bool = True


@click.command()
def doctor() -> None:
    """Say what is missing, and how to get it.

    Looks for the libraries, for readers and cameras, and whether you may open them; it opens none. A reader that types
    cannot be told from a keyboard, so one that may not be opened is only missing when there is nothing else to read with.
    What is optional is only for the window and the tones.

    Exit code: 0 nothing is missing, 1 something is.
    """
    findings = [*libraries(), *comforts(), *sources(Machine())]
    for one in findings:
        verdict = "missing " if one.is_needed else "optional"
        click.echo(f"ok       {one.subject}" if one.advice is None else f"{verdict} {one.subject}: {one.advice}")
    sys.exit(1 if any(one.advice and one.is_needed for one in findings) else 0)


def libraries() -> Iterator[Finding]:
    """Say of each library whether it loads."""
    for module, (package, purpose) in LIBRARIES.items():
        subject = f"{package} ({purpose})"
        try:
            import_module(module)
        except ModuleNotFoundError:
            yield Finding(subject, f"not installed; type: {EXTRA}")
        except ImportError as broken:
            if "zbar" in str(broken):
                yield Finding(
                    subject, "its library libzbar0 is not installed; on Debian or Ubuntu type: sudo apt-get install libzbar0"
                )
            else:
                yield Finding(subject, f"does not load ({broken}); type: {EXTRA}")
        else:
            yield Finding(subject)


def comforts() -> Iterator[Finding]:
    """Say whether there is what the window and the tones need; cards are read without."""
    advice = "not there; on Debian or Ubuntu type: sudo apt-get install"
    try:
        import_module("tkinter")
    except ImportError:
        yield Finding("Tk (shows the window)", f"{advice} python3-tk", is_needed=False)
    else:
        yield Finding("Tk (shows the window)", is_needed=False)
    player = any(shutil.which(name) for name, *_ in PLAYERS)
    names = " or ".join(name for name, *_ in PLAYERS)
    yield Finding(f"{names} (plays the tones)", None if player else f"{advice} alsa-utils", is_needed=False)


def sources(machine: Machine) -> Iterator[Finding]:
    """Say of each reader and camera whether it may be opened, and of none at all what to plug in."""
    there = everything(machine)
    may_type = [one for one in there if one.kind == "wedge"]
    has_another = any(one.may_be_opened for one in there)
    for one in there:
        subject = f"{one.kind}:{one.id}"
        if one.may_be_opened:
            yield Finding(subject)
        elif one not in may_type:
            yield Finding(subject, _permission(machine, one))
        elif not has_another:
            yield Finding(subject, f"if this is your reader: {_permission(machine, one)}")
    if not there:
        yield Finding(
            "a reader or a camera", "none is there; plug one in; a reader that stays unseen is switched off or its cable broken"
        )


def _permission(machine: Machine, one: Plugged) -> str:
    """Return what lets this user open the device, without the name that the line begins with already."""
    return str(machine.problem("", one.path, PermissionError())).removeprefix(": ")
