"""A keyboard wedge, played by packed events through a pty; only the grab is played, for no keyboard can be made here."""

import errno
import os
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from scanner.errors import DeviceBusy, DeviceLost, NoDevice, NoPermission, SourceError, TwoCandidates
from scanner.sources.codes import Codes, readings
from scanner.sources.keys import EVENT, Keys
from scanner.sources.layouts import LAYOUTS
from scanner.sources.machine import Machine
from scanner.sources.reconnect import Device, Reconnecting
from scanner.sources.stop import Stop
from scanner.sources.wedge import Wedge, grab
from tests.scanner.sources.conftest import Reports, as_nobody, hearing, plugged
from tests.scanner.sources.test_keys import DROPPED, REPORT, press

READER = "usb-Acme_Scanner_4711-event-kbd"
NUMBER = "2100012809732267"
ENTER = press(28)


def typing(text: str) -> bytes:
    """Type digits on a keyboard with the us layout."""
    return b"".join(press(11 if digit == "0" else int(digit) + 1) for digit in text)


@pytest.fixture
def wedge(machine: Machine, reports: Reports) -> Wedge:
    """Make the reader; the ioctl of the grab is the one thing that a pty does not know."""
    return Wedge(READER, LAYOUTS["us"], reports, machine=machine, take=os.fstat)


Quick = Callable[[Device], Reconnecting]


@pytest.mark.parametrize("end", [ENTER, press(96), press(15)])
def test_a_key_ends_a_code_at_once(machine: Machine, wedge: Wedge, quick: Quick, end: bytes) -> None:
    with plugged(machine.dev / "input/by-id" / READER) as reader, hearing(quick(wedge)) as ears:
        reader.send(typing(NUMBER) + end + typing("42") + end)
        assert ears.texts(2) == [NUMBER, "42"]


def test_silence_ends_a_code(machine: Machine, wedge: Wedge, quick: Quick) -> None:
    with plugged(machine.dev / "input/by-id" / READER) as reader, hearing(quick(wedge)) as ears:
        began = time.monotonic()
        reader.send(typing("1234"))
        reading = ears.next()
        assert reading.text == "1234"
        assert 0.1 < reading.at - began < 5


def test_only_a_tenth_of_a_second_is_silence() -> None:
    codes = Codes("\n", print)
    assert codes.left(7.0) is None
    assert list(codes.take("12", 7.0)) == []
    assert codes.left(7.09) == pytest.approx(0.01)
    assert list(codes.take("34", 7.09)) == []
    assert codes.left(7.2) == 0
    assert list(codes.end()) == ["1234"]
    assert codes.left(7.2) is None


def test_a_code_that_lost_a_key_is_not_given_and_the_next_one_is(
    machine: Machine, wedge: Wedge, quick: Quick, reports: Reports
) -> None:
    with plugged(machine.dev / "input/by-id" / READER) as reader, hearing(quick(wedge)) as ears:
        # The end of the number is still typed after the kernel dropped the middle, and must not pass for a number.
        reader.send(typing("2100") + DROPPED + press(2) + REPORT + typing("2267") + ENTER + typing(NUMBER) + ENTER)
        assert ears.texts(1) == [NUMBER]
        assert reports.lines == ["a code was lost on its way from the reader; scan it again"]


def test_unplugged_and_plugged_in_again_it_carries_on(machine: Machine, wedge: Wedge, quick: Quick, reports: Reports) -> None:
    link = machine.dev / "input/by-id" / READER
    with plugged(link) as reader:
        source = quick(wedge)
        reader.send(typing("21"))
    with hearing(source) as ears:
        lost, missing = reports.wait_for(2)
        assert lost == f"wedge:{READER}: unplugged; plug it in again"
        assert missing == f"wedge:{READER}: this reader is not there; plug it in, or choose another: scanner devices"
        with plugged(link) as reader:
            assert reports.wait_for(3)[2] == f"wedge:{READER}: there again"
            reader.send(typing(NUMBER) + ENTER)
            assert ears.texts(1) == [NUMBER]  # and not the half of a code from before


def test_a_read_that_fails_is_a_loss(machine: Machine, wedge: Wedge) -> None:
    # The kernel says "no such device" of one that is gone, and "is a directory" of this.
    (machine.dev / "input/by-id" / READER).mkdir(parents=True)
    wedge.open()
    with pytest.raises(DeviceLost, match=f"^wedge:{READER}: unplugged; plug it in again$"):
        next(wedge.read(Stop()))
    wedge.close()
    with pytest.raises(DeviceLost, match=r"is not open$"):
        next(wedge.read(Stop()))


def test_packed_events_through_a_socket_are_read_in_any_pieces() -> None:
    ours, theirs = socket.socketpair()
    keys = Keys(LAYOUTS["us"])
    data = typing(NUMBER) + ENTER

    def receive() -> Iterable[str | None] | None:
        return keys.characters(got) if (got := ours.recv(5 * EVENT.size + 1)) else None

    with ours, theirs:
        for at in range(0, len(data), 100):
            theirs.sendall(data[at : at + 100])
        theirs.sendall(typing("77"))
        theirs.shutdown(socket.SHUT_WR)
        assert [one.text for one in readings(ours.fileno(), Stop(), Codes("\n", print), receive)] == [NUMBER, "77"]


def test_a_late_look_is_no_silence() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"2100012\n")
    os.close(writing)
    times = iter(range(1000))

    def receive() -> str | None:
        return os.read(reading, 2).decode() or None

    try:
        found = readings(reading, Stop(), Codes("\n", print), receive, clock=lambda: next(times))
        assert [one.text for one in found] == ["2100012"]
    finally:
        os.close(reading)


def test_a_code_that_never_ends_is_given_up() -> None:
    reports = Reports()
    codes = Codes("\n", reports)
    assert list(codes.take("7" * 5000 + "\n" + "42\n", 0.0)) == ["42"]
    assert len(reports.lines) == 1


def refusal(source: Device) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source.open()
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_keyboard_is_only_taken_by_its_whole_id(machine: Machine, reports: Reports) -> None:
    folder = machine.dev / "input/by-id"

    def wedge(identity: str) -> Wedge:
        return Wedge(identity, LAYOUTS["us"], reports, machine=machine, take=os.fstat)

    with plugged(folder / READER), plugged(folder / "usb-Acme_Keyboard-event-kbd"), plugged(folder / "usb-Acme-event-mouse"):
        two, one, none = refusal(wedge("Acme")), refusal(wedge("Scanner")), refusal(wedge("Acme-event-mouse"))
        wedge(READER).open()
    assert isinstance(two, TwoCandidates)
    names = f"wedge:usb-Acme_Keyboard-event-kbd or wedge:{READER}"
    assert str(two) == f"wedge:Acme: this fits 2 keyboards; give the whole id of the reader: {names}"
    assert str(one) == f"wedge:Scanner: give the whole id, if that is the reader and not your keyboard: wedge:{READER}"
    assert isinstance(none, NoDevice)


def test_two_readers_of_one_make_are_told_apart_by_their_port(machine: Machine, reports: Reports, quick: Quick) -> None:
    port = "pci-0000:00:14.0-usb-0:2:1.0-event-kbd"
    wedge = Wedge(port, LAYOUTS["us"], reports, machine=machine, take=os.fstat)
    with plugged(machine.dev / "input/by-path" / port) as reader, hearing(quick(wedge)) as ears:
        reader.send(typing("42") + ENTER)
        assert ears.texts(1) == ["42"]


def test_two_readers_of_one_make_are_not_one(machine: Machine, wedge: Wedge) -> None:
    by_id, by_path = machine.dev / "input/by-id", machine.dev / "input/by-path"
    by_id.mkdir(parents=True)
    by_path.mkdir()
    for event, plug, part in ((4, 1, 0), (5, 1, 1), (6, 2, 0)):  # the first of them has two keyboards
        device = machine.sys / f"class/input/event{event}/device"
        (device / "id").mkdir(parents=True)
        for name, fact in (("id/vendor", "0c2e"), ("id/product", "0b61"), ("name", "Acme"), ("phys", f"usb-{plug}/input{part}")):
            (device / name).write_text(fact)
        (machine.dev / f"input/event{event}").touch()
        (by_path / f"pci-usb-0:{plug}:1.{part}-event-kbd").symlink_to(f"../event{event}")
        (by_path / f"pci-usbv2-0:{plug}:1.{part}-event-kbd").symlink_to(f"../event{event}")
    (by_id / READER).symlink_to("../event6")
    problem = refusal(wedge)
    assert isinstance(problem, TwoCandidates)
    names = "wedge:pci-usbv2-0:1:1.0-event-kbd or wedge:pci-usbv2-0:2:1.0-event-kbd"
    assert str(problem) == f"wedge:{READER}: 2 readers have this id; say which, by its plug: {names}"
    for link in by_path.glob("*:2:*"):
        link.unlink()
    wedge.open()
    wedge.close()


def test_what_is_no_keyboard_cannot_be_grabbed(machine: Machine, reports: Reports) -> None:
    reading, writing = os.pipe()
    with pytest.raises(OSError, match="Inappropriate ioctl"):
        grab(reading)
    os.close(reading)
    os.close(writing)
    with plugged(machine.dev / "input/by-id" / READER):
        before = len(list(Path("/proc/self/fd").iterdir()))
        problem = refusal(Wedge(READER, LAYOUTS["us"], reports, machine=machine))
        assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert "cannot be opened (Inappropriate ioctl for device)" in str(problem)


def test_a_reader_that_another_program_grabbed_is_busy(machine: Machine, reports: Reports) -> None:
    def taken(_: int) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    path = machine.dev / "input/by-id" / READER
    with plugged(path):
        problem = refusal(Wedge(READER, LAYOUTS["us"], reports, machine=machine, take=taken))
    assert isinstance(problem, DeviceBusy)
    assert str(problem) == f"wedge:{READER}: another program uses {path}; end it (sudo fuser -v {path} names it)"


def test_without_permission_the_rule_to_add_is_said(machine: Machine, wedge: Wedge) -> None:
    path = machine.dev / "input/by-id" / READER
    path.parent.mkdir(parents=True)
    node = machine.dev / "input/event5"
    node.touch(0o600)
    path.symlink_to(node)
    usb = machine.sys / "devices/usb1/1-2"
    (usb / "1-2:1.0/input/input9/event5").mkdir(parents=True)
    (usb / "idVendor").write_text("0c2e\n")
    (usb / "idProduct").write_text("0b61\n")
    (machine.sys / "class/input").mkdir(parents=True)
    (machine.sys / "class/input/event5").symlink_to(usb / "1-2:1.0/input/input9/event5")
    node.chmod(0o000)
    with as_nobody():
        problem = refusal(wedge)
    assert isinstance(problem, NoPermission)
    assert str(problem) == (
        f"wedge:{READER}: no permission to open {path}; put the line "
        'SUBSYSTEM=="input", ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b61", TAG+="uaccess" '
        "into /etc/udev/rules.d/70-scanner.rules, type: sudo udevadm control --reload && sudo udevadm trigger, "
        "then plug the device in again"
    )
