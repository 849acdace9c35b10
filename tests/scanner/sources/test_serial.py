"""A reader on a serial port, played by a pty through pyserial itself."""

from collections.abc import Callable

import pytest

from scanner.errors import DeviceBusy, NoDevice, NoPermission, TwoCandidates
from scanner.sources.machine import Machine
from scanner.sources.reconnect import Device, Reconnecting
from scanner.sources.serial_port import SerialPort
from tests.scanner.sources.conftest import Reports, as_nobody, hearing, plugged

PORT = "usb-Acme_CDC_4711-if00"
NUMBER = "2100012809732267"
Quick = Callable[[Device], Reconnecting]


@pytest.fixture
def port(machine: Machine, reports: Reports) -> SerialPort:
    """Make a source of the only port there is."""
    return SerialPort("", reports, machine=machine)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
def test_a_line_break_ends_a_code_at_once(machine: Machine, port: SerialPort, quick: Quick, end: bytes) -> None:
    with plugged(machine.dev / "serial/by-id" / PORT) as reader, hearing(quick(port)) as ears:
        reader.send(NUMBER.encode() + end + b"]C042" + end)
        assert ears.texts(2) == [NUMBER, "]C042"]


def test_what_comes_in_pieces_is_one_code(machine: Machine, port: SerialPort, quick: Quick) -> None:
    with plugged(machine.dev / "serial/by-id" / PORT) as reader, hearing(quick(port)) as ears:
        reader.send_apart(b"2100", b"01280973", b"2267\r", b"\nZo\xc3", b"\xab\x1d7\n")
        assert ears.texts(2) == [NUMBER, "Zoë\x1d7"]


def test_silence_ends_a_code(machine: Machine, port: SerialPort, quick: Quick) -> None:
    with plugged(machine.dev / "serial/by-id" / PORT) as reader, hearing(quick(port)) as ears:
        reader.send(b"21\xff")
        assert ears.texts(1) == ["21\\xff"]
        reader.send(b"42")
        assert ears.texts(1) == ["42"]


def test_hung_up_and_back_it_carries_on(machine: Machine, port: SerialPort, quick: Quick, reports: Reports) -> None:
    link = machine.dev / "serial/by-id" / PORT
    with plugged(link) as reader:
        source = quick(port)
        reader.send(b"2100")
    with hearing(source) as ears:
        lost, missing = reports.wait_for(2)
        assert lost == "serial: unplugged; plug it in again"
        assert missing == "serial: this reader is not there; plug it in, or choose another: scanner devices"
        for _ in range(2):  # and once more
            with plugged(link) as reader:
                assert reports.wait_for(len(reports.lines) + 1)[-1] == "serial: there again"
                reader.send(b"42\r")
                assert ears.texts(1) == ["42"]
            reports.wait_for(len(reports.lines) + 1)


def test_a_port_that_another_program_locked_is_busy(machine: Machine, reports: Reports) -> None:
    path = machine.dev / "serial/by-id" / PORT
    with plugged(path):
        first = SerialPort(str(path), reports, machine=machine)
        first.open()
        with pytest.raises(DeviceBusy, match=f"another program uses {path}; end it"):
            SerialPort("Acme", reports, machine=machine).open()
        first.close()
        SerialPort("Acme", reports, machine=machine).open()


def test_of_two_ports_one_must_be_chosen(machine: Machine, port: SerialPort, reports: Reports) -> None:
    other = "usb-Acme_CDC_4712-if00"
    with plugged(machine.dev / "serial/by-id" / PORT), plugged(machine.dev / "serial/by-id" / other):
        with pytest.raises(TwoCandidates) as caught:
            port.open()
        chosen = SerialPort("4712", reports, machine=machine)
        chosen.open()
        chosen.close()
    assert str(caught.value) == f"serial: this fits 2 devices; say which: serial:{PORT} or serial:{other}"


def test_what_is_not_there_or_no_port_is_said(machine: Machine, reports: Reports) -> None:
    with pytest.raises(NoDevice, match="/dev/ttyACM77 is not there; plug the device in"):
        SerialPort("/dev/ttyACM77", reports, machine=machine).open()
    with pytest.raises(NoDevice, match="/dev/null cannot be opened"):
        SerialPort("/dev/null", reports, machine=machine).open()


def test_without_permission_the_group_is_said(machine: Machine, reports: Reports) -> None:
    path = machine.dev / "ttyS0"
    path.parent.mkdir()
    path.touch()
    path.chmod(0)
    with as_nobody(), pytest.raises(NoPermission) as caught:
        SerialPort(str(path), reports, machine=machine).open()
    assert str(caught.value) == (
        f"serial:{path}: no permission to open {path}; ask for the group that {path} belongs to (ls -l {path})"
    )
