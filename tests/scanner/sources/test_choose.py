"""The text of `--source`: what it makes, what is wrong with it, and lines from standard input."""

import os
import subprocess
import sys

import pytest

from scanner.errors import NoSuchSource
from scanner.sources import Reading, open_source
from scanner.sources.stdin import StandardInput
from tests.scanner.sources.conftest import Reports, hearing


@pytest.mark.parametrize(
    "spec",
    [
        "wedge:usb-Acme-event-kbd", "serial", "serial:/dev/ttyACM0", "hid", "hid:0c2e:0b61", "camera", "camera:0",
        "camera:/dev/video2", "stdin", "file:/tmp/a:b?c.png",
    ],
)  # fmt: skip
def test_a_source_is_called_as_it_was_asked_for(spec: str) -> None:
    assert open_source(spec).name == spec


@pytest.mark.parametrize(
    ("spec", "name"),
    [("wedge:ID?layout=fr", "wedge:ID"), ("serial:/dev/ttyS0?baud=115200", "serial:/dev/ttyS0"), ("serial?baud=1200", "serial")],
)
def test_a_setting_is_no_part_of_the_name(spec: str, name: str) -> None:
    assert open_source(spec).name == name


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("", ": no such source; give wedge:ID, serial:PORT, hid, camera:0, file:PATH or stdin"),
        ("file:", "file:: no such source; give wedge:ID, serial:PORT, hid, camera:0, file:PATH or stdin"),
        ("usb:3", "usb:3: no such source; give wedge:ID, serial:PORT, hid, camera:0, file:PATH or stdin"),
        ("stdin:x", "stdin:x: no such source; give wedge:ID, serial:PORT, hid, camera:0, file:PATH or stdin"),
        ("wedge", "wedge: say which keyboard is the reader, as wedge:ID; scanner devices lists their ids"),
        ("wedge:x?layout=es", "wedge:x?layout=es: there is no layout 'es'; give one of us, de, fr"),
        ("serial:x?baud=fast", "serial:x?baud=fast: the speed 'fast' is no number; give one such as baud=9600"),
        ("hid?layout=de", "hid?layout=de: a source of this kind has no setting layout; leave it out"),
        ("stdin?baud=1", "stdin?baud=1: a source of this kind has no setting baud; leave it out"),
    ],
)
def test_what_is_no_source_is_said(spec: str, sentence: str) -> None:
    with pytest.raises(NoSuchSource) as caught:
        open_source(spec)
    assert str(caught.value) == sentence


def test_lines_are_codes_and_the_end_of_the_input_ends_the_source(reports: Reports) -> None:
    reading, writing = os.pipe()
    os.write(writing, "2100\r\n\n ]C042 \nZoë\x1d".encode())
    os.close(writing)
    source = StandardInput(reports, reading)
    assert [one.text for one in source.read()] == ["2100", " ]C042 ", "Zoë\x1d"]
    os.close(reading)


def test_an_input_that_says_nothing_can_be_closed(reports: Reports) -> None:
    reading, writing = os.pipe()
    with hearing(StandardInput(reports, reading)) as ears:
        os.write(writing, b"42\n")
        one = ears.next()
        assert isinstance(one, Reading)
        assert (one.text, one.aim) == ("42", None)
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(
    ("spec", "module", "package"), [("camera:0", "cv2", "cv2"), ("file:x.png", "cv2", "cv2"), ("serial", "serial", "serial")]
)
def test_a_missing_library_is_said_and_the_other_sources_work_without_it(spec: str, module: str, package: str) -> None:
    script = f"""
import sys
sys.modules[{module!r}] = None
from scanner.errors import NotInstalled
from scanner.sources import open_source
print([one.text for one in open_source("stdin").read()], open_source("wedge:x").name, open_source("hid").name)
try:
    open_source({spec!r})
except NotInstalled as problem:
    print(problem)
"""
    done = subprocess.run([sys.executable, "-c", script], input="42\n", capture_output=True, encoding="utf-8", check=True)
    advice = f"the Python package {package} is not installed; type: pip install 'card-service[scanner]'"
    assert done.stdout == f"['42'] wedge:x hid\n{advice}\n"


def test_a_program_without_an_input_says_so() -> None:
    script = "from scanner.sources import open_source; open_source('stdin').open()"
    done = subprocess.run(f'{sys.executable} -c "{script}" <&-', shell=True, capture_output=True, encoding="utf-8", check=False)  # noqa: S602
    assert "stdin: this program was started without an input; pipe the codes into it, a line each" in done.stderr
