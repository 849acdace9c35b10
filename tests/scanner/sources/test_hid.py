"""HID-POS: descriptors as scanners have them, and reports through a pipe that keeps packets apart, as hidraw does."""

import fcntl
import os
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import DeviceBusy, DeviceLost, NoDevice, NoPermission, SourceError, TwoCandidates
from scanner.sources.descriptor import parse, scanned_data
from scanner.sources.hid import HidReader
from scanner.sources.machine import Machine
from scanner.sources.reconnect import Device, Reconnecting
from scanner.sources.stop import Stop
from tests.scanner.sources.conftest import Reports, as_nobody, hearing

NUMBER = "2100012809732267"
Quick = Callable[[Device], Reconnecting]

# The report of most readers: number 2, length, three bytes of AIM, 56 of text, two of the maker, a flag.
COMMON = bytes.fromhex(
    "058c 0902 a101"  # page Barcode Scanner; usage Barcode Scanner; application
    "0912 a102 8502 1500 26ff00 7508 9501"  # Scanned Data Report, number 2, bytes, one
    "0501 093b 8102 058c"  # Generic Desktop: Byte Count
    "9503 09fb 09fc 09fd 8102"  # Symbology Identifier 1 to 3
    "9538 09fe 820201"  # Decoded Data, 56 buffered bytes
    "0666ff 9502 0904 0900 8102"  # two bytes of the maker's own page
    "058c 2501 7501 9501 09ff 8102 9507 8103 c0"  # Decode Data Continued, a bit, and seven to fill
    "0914 a102 8504 7501 9501 0900 9102 9507 9103 c0 c0"  # Trigger Report, an output
)
# Without a number, a length and symbology identifiers; usages by range, settings pushed and popped, and a long item.
BARE = bytes.fromhex("fe0210aabb 058c 0902 a101 0912 a102 1500 26ff00 7508 9508 a4 0501 7510 b4 19fe 29fe 8102 c0 c0")
KEYBOARD = bytes.fromhex(
    "0501 0906 a101 0507 19e0 29e7 1500 2501 7501 9508 8102 9501 7508 8101 9506 7508 1500 2565 0507 1900 2965 8100 c0"
)


def report(text: bytes, aim: bytes = b"]C0", *, continued: bool = False) -> bytes:
    return bytes([2, len(text)]) + aim.ljust(3, b"\0") + text.ljust(56, b"\0") + b"s\0" + bytes([continued])


class Node:
    """A hidraw node: its descriptor in sysfs, and its reports through a FIFO in packet mode."""

    def __init__(self, machine: Machine, name: str = "hidraw0", descriptor: bytes = COMMON, serial: str = "") -> None:
        """Plug it in."""
        device = machine.sys / "class/hidraw" / name / "device"
        device.mkdir(parents=True, exist_ok=True)
        (device / "report_descriptor").write_bytes(descriptor)
        (device / "uevent").write_text(f"DRIVER=hid-generic\nHID_ID=0003:00000C2E:00000B61\nHID_NAME=Acme\nHID_UNIQ={serial}\n")
        self.path = machine.dev / name
        self.path.parent.mkdir(exist_ok=True)
        os.mkfifo(self.path)
        self._writing = os.open(self.path, os.O_RDWR)
        fcntl.fcntl(self._writing, fcntl.F_SETFL, os.O_DIRECT)
        self._descriptor = device / "report_descriptor"

    def send(self, data: bytes) -> None:
        """Send a report."""
        os.write(self._writing, data)

    def unplug(self) -> None:
        """Pull it out."""
        self._descriptor.unlink()
        self.path.unlink()
        os.close(self._writing)


def test_a_report_is_a_code_with_its_symbology(machine: Machine, reports: Reports, quick: Quick) -> None:
    reader = Node(machine)
    with hearing(quick(HidReader("", reports, machine=machine))) as ears:
        for one in (
            report(NUMBER.encode()),
            bytes([4, 1]),  # another report of the same reader
            report(b"5901234123457\r\n", b"]E0"),
            report(b""),
            report("Zoë\x1d7".encode(), b"Q1"),
            report(b"42", b""),
            report(b"43", b"\xff\x01\x02"),
        ):
            reader.send(one)
        heard = [(one.text, one.aim) for one in (ears.next() for _ in range(5))]
    assert heard == [(NUMBER, "]C0"), ("5901234123457", "]E0"), ("Zoë\x1d7", "]Q1"), ("42", None), ("43", None)]
    reader.unplug()


def test_a_long_code_comes_in_more_than_one_report(machine: Machine, reports: Reports, quick: Quick) -> None:
    reader = Node(machine)
    text = b"0123456789" * 6
    with hearing(quick(HidReader("", reports, machine=machine))) as ears:
        reader.send(report(text[:56], continued=True))
        reader.send(report(text[56:]))
        assert ears.texts(1) == [text.decode()]
    reader.unplug()


def test_a_long_code_that_lost_its_end_is_not_put_before_the_next(machine: Machine, reports: Reports, quick: Quick) -> None:
    reader = Node(machine)
    with hearing(quick(HidReader("", reports, machine=machine))) as ears:
        reader.send(report(b"7" * 56, continued=True))
        time.sleep(1.1)
        reader.send(report(NUMBER.encode()))
        assert ears.texts(1) == [NUMBER]
    assert reports.lines == ["a code was lost on its way from the reader; scan it again"]
    reader.unplug()


def test_a_reader_without_length_and_symbology_is_read_too(machine: Machine, reports: Reports, quick: Quick) -> None:
    reader = Node(machine, descriptor=BARE)
    with hearing(quick(HidReader("", reports, machine=machine))) as ears:
        reader.send(b"1234\0\0\0\0")
        reader.send(b"12345678")
        assert [(one.text, one.aim) for one in (ears.next(), ears.next())] == [("1234", None), ("12345678", None)]
    reader.unplug()


def test_unplugged_and_plugged_in_again_it_carries_on(machine: Machine, reports: Reports, quick: Quick) -> None:
    reader = Node(machine)
    source = quick(HidReader("0c2e:0b61", reports, machine=machine))
    with hearing(source) as ears:
        reader.unplug()
        assert reports.wait_for(2) == [
            "hid:0c2e:0b61: unplugged; plug it in again",
            "hid:0c2e:0b61: a reader that speaks HID-POS is not there; plug it in, or choose another: scanner devices",
        ]
        reader = Node(machine, "hidraw7")  # another number than before
        assert reports.wait_for(3)[2] == "hid:0c2e:0b61: there again"
        reader.send(report(NUMBER.encode()))
        assert ears.texts(1) == [NUMBER]
    reader.unplug()


def test_a_read_that_fails_is_a_loss(machine: Machine) -> None:
    node = Node(machine)
    node.path.unlink()
    node.path.mkdir()  # reading it fails, as reading a node does whose device is gone
    reader = HidReader(str(node.path), print, machine=machine)
    reader.open()
    with pytest.raises(DeviceLost, match=r"unplugged; plug it in again$"):
        next(reader.read(Stop()))
    reader.close()
    with pytest.raises(DeviceLost, match=r"is not open$"):
        next(reader.read(Stop()))
    node.path.rmdir()
    node.path.touch()
    node.unplug()


def refusal(machine: Machine, identity: str = "") -> SourceError:
    with pytest.raises(SourceError) as caught:
        HidReader(identity, print, machine=machine).open()
    assert not isinstance(caught.value, DeviceBusy)
    return caught.value


def test_only_hid_pos_readers_are_readers(machine: Machine) -> None:
    keyboard = Node(machine, "hidraw0", KEYBOARD)
    assert machine.hid_readers() == []
    assert isinstance(refusal(machine), NoDevice)
    assert "is no HID-POS reader; switch the reader to HID-POS" in str(refusal(machine, str(keyboard.path)))
    keyboard.unplug()


def test_of_two_readers_one_must_be_chosen(machine: Machine) -> None:
    nodes = [Node(machine, "hidraw0", serial="A1"), Node(machine, "hidraw1", serial="B2")]
    problem = refusal(machine)
    assert isinstance(problem, TwoCandidates)
    assert str(problem) == "hid: this fits 2 devices; say which: hid:0c2e:0b61:A1 or hid:0c2e:0b61:B2"
    chosen = HidReader("B2", print, machine=machine)
    chosen.open()
    chosen.close()
    for node in nodes:
        node.unplug()


def test_two_readers_without_a_serial_number_are_told_apart_by_their_paths(machine: Machine) -> None:
    nodes = [Node(machine, "hidraw0"), Node(machine, "hidraw1")]
    assert str(refusal(machine, "0c2e")).endswith(f"say which: hid:{nodes[0].path} or hid:{nodes[1].path}")
    chosen = HidReader(str(nodes[1].path), print, machine=machine)
    chosen.open()
    chosen.close()
    for node in nodes:
        node.unplug()


def test_without_permission_it_is_said(machine: Machine) -> None:
    node = Node(machine)
    node.path.chmod(0)
    with as_nobody():
        assert isinstance(refusal(machine), NoPermission)
    node.unplug()


def test_the_common_report_is_found_where_it_is() -> None:
    layout = scanned_data(parse(COMMON))
    assert layout is not None
    assert layout.count is not None
    assert layout.continued is not None
    assert (layout.report, layout.count.offset, layout.data.offset, layout.data.count) == (2, 0, 32, 56)
    assert [field.offset for field in layout.symbology] == [8, 16, 24]
    assert (layout.continued.offset, layout.continued.size) == ((1 + 3 + 56 + 2) * 8, 1)


@given(
    st.one_of(st.binary(max_size=80), st.tuples(st.just(COMMON), st.binary(max_size=20)).map(b"".join)), st.binary(max_size=70)
)
def test_whatever_a_device_says_of_itself_it_is_read_or_left(descriptor: bytes, body: bytes) -> None:
    layout = scanned_data(parse(descriptor))
    if layout is not None:
        assert len(layout.data.values(body)) <= 4096


def test_a_field_larger_than_any_report_is_none() -> None:
    huge = bytes.fromhex("058c 0902 a101 7508 97ffffff7f 09fe 8102 c0")
    assert scanned_data(parse(huge)) is None
