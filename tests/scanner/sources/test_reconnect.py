"""The one policy of all live sources: how long it waits, what it says, and that it ends when it is told to."""

from collections.abc import Iterator

import pytest

from scanner.errors import DeviceLost, NoDevice
from scanner.sources import reconnect
from scanner.sources.base import Reading
from scanner.sources.reconnect import Reconnecting
from scanner.sources.stop import Stop
from tests.scanner.sources.conftest import Reports, hearing


class Flaky:
    """A device that is not there for so many attempts, works for so many seconds, and is lost again."""

    name = "flaky"

    def __init__(self, *absences: int, works: float) -> None:
        self._absences, self._works = list(absences), works
        self.now = 0.0
        self.slept: list[float] = []
        self.is_open = False

    def open(self) -> None:
        """Be there, or not yet."""
        if self._absences[0]:
            self._absences[0] -= 1
            raise NoDevice("flaky: not there")
        assert not self.is_open
        self.is_open = True

    def read(self, stop: Stop) -> Iterator[Reading]:
        """Give one reading, and be lost."""
        assert not stop.is_set
        yield Reading("42", self.now)
        self.now += self._works
        self._absences.pop(0)
        raise DeviceLost("flaky: unplugged")

    def close(self) -> None:
        """Be let go of."""
        self.is_open = False

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.slept.append(seconds)
        self.now += seconds


def source(device: Flaky, reports: Reports) -> Reconnecting:
    return Reconnecting(device, reports, clock=lambda: device.now, sleep=device.sleep)


def test_the_delay_doubles_up_to_its_limit_and_begins_anew_after_a_time_of_reading(reports: Reports) -> None:
    device = Flaky(6, 2, 0, works=60)
    readings = source(device, reports).read()
    next(readings)
    assert device.slept == [0.5, 1, 2, 4, 4, 4]
    next(readings)
    assert device.slept[6:] == [0.5, 1, 2]
    # One line when it goes and one when it is back, however often it was tried.
    assert reports.lines == [
        "flaky: not there",
        "flaky: there again",
        "flaky: unplugged",
        "flaky: not there",
        "flaky: there again",
    ]


def test_a_device_that_is_lost_at_once_each_time_is_not_tried_ever_faster(reports: Reports) -> None:
    device = Flaky(0, 0, 0, 0, 0, works=1)
    readings = source(device, reports).read()
    for _ in range(5):
        next(readings)
    assert device.slept == [0.5, 1, 2, 4]


def test_who_opens_is_told_at_once(reports: Reports) -> None:
    device = Flaky(1, works=1)
    with pytest.raises(NoDevice, match="not there"):
        source(device, reports).open()
    assert (device.slept, reports.lines) == ([], [])


def test_a_reader_that_stops_reading_leaves_the_device_closed(reports: Reports) -> None:
    device = Flaky(0, works=1)
    readings = source(device, reports).read()
    next(readings)
    assert device.is_open
    del readings
    assert not device.is_open


def test_closed_before_it_is_read_it_lets_go_and_gives_nothing(reports: Reports) -> None:
    device = Flaky(0, works=1)
    flaky = source(device, reports)
    flaky.open()
    flaky.close()
    assert not device.is_open
    assert list(flaky.read()) == []


def test_a_wait_for_a_device_ends_when_the_source_is_closed(reports: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconnect, "FIRST_DELAY", 3600.0)
    with hearing(Reconnecting(Flaky(1, works=1), reports)) as ears:
        assert reports.wait_for(1) == ["flaky: not there"]
    assert ears.ended.is_set()
