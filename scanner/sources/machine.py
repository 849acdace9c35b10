"""What is plugged in, read from /dev and /sys: so it is known without a library and without permission to open anything."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import DeviceBusy, NoDevice, NoPermission, SourceError, TwoCandidates
from scanner.sources.descriptor import parse, scanned_data

BUSY = {11, 16}
"""EAGAIN, of a lock that another program holds, and EBUSY, of a device that is used or grabbed."""

RULES = "/etc/udev/rules.d/70-scanner.rules"
RELOAD = "sudo udevadm control --reload && sudo udevadm trigger"


@dataclass(frozen=True, slots=True)
class Plugged:
    """A device that may be a source: its kind, the id that stays the same when it is replugged, and where it is now."""

    kind: str
    id: str
    path: Path

    @property
    def may_be_opened(self) -> bool:
        """Whether this user has the permission; a camera and a port are written to as well."""
        return os.access(self.path, os.R_OK if self.kind in {"wedge", "hid"} else os.R_OK | os.W_OK, effective_ids=True)


@dataclass(frozen=True, slots=True)
class Machine:
    """The two folders in which Linux shows its devices."""

    dev: Path = Path("/dev")
    sys: Path = Path("/sys")

    def keyboards(self) -> list[Plugged]:
        """Return all that types, the keyboard of the cashier as well: only a person can tell which of them is the reader."""
        return self._links("wedge", "input/by-id", lambda name: name.endswith("-event-kbd"))

    def keyboards_by_port(self) -> list[Plugged]:
        """Return the same by where they are plugged in, to tell two readers of one make apart."""
        return self._links("wedge", "input/by-path", lambda name: name.endswith("-event-kbd"))

    def twins(self, keyboard: Plugged) -> list[Plugged]:
        """Return what has the same make and serial number on another plug, and the keyboard itself, by their plugs.

        udev gives such readers one id, which leads to whichever was plugged in last.
        """
        make = self._make(keyboard.path)
        same = {one.path.resolve(): one for one in self.keyboards_by_port() if make and self._make(one.path) == make}
        # One reader may be more than one keyboard; what it is plugged into is then the same.
        by_plug: dict[str, Plugged] = {}
        for path, one in same.items():
            by_plug.setdefault(self._input(path, "phys").rpartition("/")[0], one)
        return list(by_plug.values())

    def serial_ports(self) -> list[Plugged]:
        """Return the serial ports on USB; one that is soldered to the board is used by its path."""
        return self._links("serial", "serial/by-id", lambda _: True)

    def cameras(self) -> list[Plugged]:
        """Return the cameras; a camera's further nodes carry no pictures but data about them."""
        names = {link.resolve(): link.name for link in (self.dev / "v4l/by-id").glob("*")}
        nodes = sorted(self.sys.glob("class/video4linux/video*"), key=lambda node: (len(node.name), node.name))
        paths = [self.dev / node.name for node in nodes if _text(node / "index") in {"0", ""}]
        return [Plugged("camera", names.get(path.resolve(), path.name.removeprefix("video")), path) for path in paths]

    def hid_readers(self) -> list[Plugged]:
        """Return the readers that speak HID-POS; their report descriptor says so."""
        return [
            Plugged("hid", self._hid_id(node), self.dev / node.name)
            for node in sorted(self.sys.glob("class/hidraw/hidraw*"))
            if scanned_data(parse(self.descriptor(node.name)))
        ]

    def descriptor(self, name: str) -> bytes:
        """Return the report descriptor of a hidraw node, which everybody may read here; nothing when the node is gone."""
        try:
            return (self.sys / "class/hidraw" / name / "device/report_descriptor").read_bytes()
        except OSError:
            return b""

    def rule(self, path: Path) -> str | None:
        """Return the udev rule that lets the person at this machine open the device; None for one that is not on USB."""
        name = path.resolve().name
        for node in self.sys.glob(f"class/*/{name}"):
            for folder in (node.resolve(), *node.resolve().parents):
                vendor, product = _text(folder / "idVendor"), _text(folder / "idProduct")
                if vendor and product:
                    device = f'ATTRS{{idVendor}}=="{vendor}", ATTRS{{idProduct}}=="{product}"'
                    return f'SUBSYSTEM=="{node.parent.name}", {device}, TAG+="uaccess"'
        return None

    def problem(self, name: str, path: Path, error: OSError) -> SourceError:
        """Return what to say when a device cannot be opened."""
        if isinstance(error, PermissionError):
            if rule := self.rule(path):
                return NoPermission(
                    f"{name}: no permission to open {path}; put the line {rule} into {RULES}, "
                    f"type: {RELOAD}, then plug the device in again"
                )
            return NoPermission(f"{name}: no permission to open {path}; ask for the group that {path} belongs to (ls -l {path})")
        if error.errno in BUSY:
            return DeviceBusy(f"{name}: another program uses {path}; end it (sudo fuser -v {path} names it)")
        if isinstance(error, FileNotFoundError):
            return NoDevice(f"{name}: {path} is not there; plug the device in, or choose another: scanner devices")
        return NoDevice(f"{name}: {path} cannot be opened ({error.strerror or error}); plug the device in again")

    def _links(self, kind: str, folder: str, is_wanted: Callable[[str], bool]) -> list[Plugged]:
        links = sorted((self.dev / folder).glob("*"))
        return [Plugged(kind, link.name, link) for link in links if is_wanted(link.name)]

    def _make(self, path: Path) -> str:
        return "\n".join(self._input(path, fact) for fact in ("id/vendor", "id/product", "uniq", "name")).strip()

    def _input(self, path: Path, fact: str) -> str:
        return _text(self.sys / "class/input" / path.resolve().name / "device" / fact)

    def _hid_id(self, node: Path) -> str:
        """Return vendor:product, and the serial number when there is one."""
        lines = (line.partition("=") for line in _text(node / "device/uevent").splitlines())
        facts = {key: value for key, _, value in lines}
        _, vendor, product = (*facts.get("HID_ID", "").split(":"), "", "", "")[:3]
        return ":".join(part for part in (vendor[-4:].lower(), product[-4:].lower(), facts.get("HID_UNIQ", "")) if part)


def the_one(name: str, wanted: str, there: list[Plugged], what: str) -> Plugged:
    """Return the only device whose id contains `wanted`, the one of just that id first.

    Raises `NoDevice` and `TwoCandidates`.
    """
    fitting = [one for one in there if wanted == one.id] or [one for one in there if wanted in one.id]
    if not fitting:
        raise NoDevice(f"{name}: {what} is not there; plug it in, or choose another: scanner devices")
    if len(fitting) > 1:
        spec = " or ".join(f"{one.kind}:{one.id}" for one in fitting)
        if len({one.id for one in fitting}) == 1:
            spec = " or ".join(f"{one.kind}:{one.path}" for one in fitting)
        raise TwoCandidates(f"{name}: this fits {len(fitting)} devices; say which: {spec}")
    return fitting[0]


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
