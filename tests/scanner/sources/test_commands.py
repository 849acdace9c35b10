"""`scanner devices`, `scanner doctor`, and the files in deploy/: on this machine as it is, and on one with devices."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scanner.cli import main
from scanner.commands.devices import everything
from scanner.commands.doctor import Finding, comforts, libraries, sources
from scanner.sources.machine import Machine
from tests.scanner.sources.conftest import as_nobody, plugged
from tests.scanner.sources.test_hid import Node

ROOT = Path(__file__).parents[3]
RULES, UNIT = ROOT / "deploy/70-scanner.rules", ROOT / "deploy/scanner-agent.service"
NOTHING = "import sys; sys.modules.update(dict.fromkeys(['cv2', 'numpy', 'pyzbar', 'zxingcpp', 'serial']))"


def scanner(*arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    script = f"{before}\nfrom scanner.cli import main; main(prog_name='scanner')"
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=ROOT, timeout=60)


def usb(machine: Machine, subsystem: str, name: str) -> None:
    """Put a node on a USB device of vendor 0c2e and product 0b61."""
    device = machine.sys / "devices/usb1/1-2"
    node = device / "1-2:1.0" / name
    node.mkdir(parents=True)
    (device / "idVendor").write_text("0c2e\n")
    (device / "idProduct").write_text("0b61\n")
    (machine.sys / "class" / subsystem).mkdir(parents=True, exist_ok=True)
    (machine.sys / "class" / subsystem / name).symlink_to(node)


def test_both_work_with_nothing_installed() -> None:
    doctor = scanner("doctor", before=NOTHING)
    assert doctor.returncode == 1
    assert doctor.stderr == ""
    assert doctor.stdout.splitlines()[:4] == [
        f"missing  {package}: not installed; type: pip install 'card-service[scanner]'"
        for package in (
            "zxing-cpp (reads codes)",
            "pyzbar (reads codes)",
            "opencv-python-headless (takes pictures)",
            "pyserial (reads serial ports)",
        )
    ]
    devices = scanner("devices", before=NOTHING)
    assert devices.returncode == 0
    assert devices.stdout or devices.stderr == (
        "scanner: no reader and no camera is there; plug one in, then type: scanner doctor\n"
    )


def test_a_missing_zbar_is_said() -> None:
    # What pyzbar does when the library is not on the machine.
    before = "import ctypes.util; ctypes.util.find_library = lambda name: None"
    line = next(line for line in scanner("doctor", before=before).stdout.splitlines() if "pyzbar" in line)
    assert line == (
        "missing  pyzbar (reads codes): its library libzbar0 is not installed; "
        "on Debian or Ubuntu type: sudo apt-get install libzbar0"
    )


def test_the_libraries_of_the_tests_are_all_there() -> None:
    assert [finding.advice for finding in libraries()] == [None] * 4


def test_what_only_the_window_and_the_tones_need_is_optional(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "tkinter", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("scanner.commands.doctor.sources", lambda _: [])
    advice = "not there; on Debian or Ubuntu type: sudo apt-get install"
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 0
    assert done.output.splitlines()[-2:] == [
        f"optional Tk (shows the window): {advice} python3-tk",
        f"optional pw-play or paplay or aplay (plays the tones): {advice} alsa-utils",
    ]
    monkeypatch.setitem(sys.modules, "tkinter", sys)
    player = tmp_path / "aplay"
    player.touch(mode=0o755)
    assert [one.advice for one in comforts()] == [None, None]


def test_all_that_is_plugged_in_is_listed(machine: Machine) -> None:
    node = Node(machine)
    camera = machine.sys / "class/video4linux/video0"
    camera.mkdir(parents=True)
    (camera / "index").write_text("0\n")
    (machine.dev / "video0").touch()
    keyboard, port = machine.dev / "input/by-id/usb-Acme-event-kbd", machine.dev / "serial/by-id/usb-Acme-if00"
    with plugged(keyboard), plugged(port):
        assert [(one.kind, one.id, one.path, one.may_be_opened) for one in everything(machine)] == [
            ("wedge", "usb-Acme-event-kbd", keyboard, True),
            ("serial", "usb-Acme-if00", port, True),
            ("hid", "0c2e:0b61", node.path, True),
            ("camera", "0", machine.dev / "video0", True),
        ]
        assert [finding.advice for finding in sources(machine)] == [None] * 4
    node.unplug()


def test_a_line_for_each_says_what_to_give_as_source(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.commands.devices.Machine", lambda: machine)
    node = Node(machine, serial="A1")
    node.path.chmod(0)
    port = machine.dev / "serial/by-id/usb-Acme-if00"
    with plugged(port), as_nobody():
        lines = CliRunner().invoke(main, ["devices"]).stdout.splitlines()
        objects = [json.loads(line) for line in CliRunner().invoke(main, ["devices", "--json"]).stdout.splitlines()]
    assert lines[1] == f"hid:0c2e:0b61:A1\t{node.path}\tno"
    assert lines[0].startswith(f"serial:usb-Acme-if00\t{port}\t")
    assert objects[1] == {"kind": "hid", "id": "0c2e:0b61:A1", "path": str(node.path), "canBeOpened": False}
    node.unplug()


def test_what_may_not_be_opened_is_said_with_its_rule(machine: Machine) -> None:
    node = Node(machine, "hidraw0")
    usb(machine, "tty", "ttyACM0")
    port = machine.dev / "serial/by-id/usb-Acme-if00"
    port.parent.mkdir(parents=True)
    (machine.dev / "ttyACM0").touch(0o600)
    port.symlink_to(machine.dev / "ttyACM0")
    with as_nobody():
        found = list(sources(machine))
    rule = 'SUBSYSTEM=="tty", ATTRS{idVendor}=="0c2e", ATTRS{idProduct}=="0b61", TAG+="uaccess"'
    assert found[0].subject == "serial:usb-Acme-if00"
    assert found[0].advice is not None
    assert f"put the line {rule} into /etc/udev/rules.d/70-scanner.rules" in found[0].advice
    node.unplug()


def test_the_keyboard_of_the_cashier_is_not_missing_when_there_is_a_reader(machine: Machine) -> None:
    keyboard = machine.dev / "input/by-id/usb-Keyboard-event-kbd"
    keyboard.parent.mkdir(parents=True)
    keyboard.touch(0o000)
    with as_nobody():
        (alone,) = sources(machine)
    assert alone.advice is not None
    assert alone.advice.startswith(f"if this is your reader: no permission to open {keyboard}; ")
    node = Node(machine)
    node.path.chmod(0o666)
    with as_nobody():
        assert list(sources(machine)) == [Finding("hid:0c2e:0b61")]
    node.unplug()


def test_nothing_plugged_in_is_missing(machine: Machine) -> None:
    assert [(one.subject, bool(one.advice)) for one in sources(machine)] == [("a reader or a camera", True)]


def test_the_unit_starts_the_agent_with_options_that_it_has() -> None:
    (line,) = re.findall(r"^ExecStart=/opt/card-service/bin/scanner agent (.*)$", UNIT.read_text(), re.MULTILINE)
    command = main.commands["agent"]
    with command.make_context("agent", shlex.split(line.replace("${SCANNER_SOURCE}", "hid"))) as context:
        assert isinstance(context, click.Context)
        assert context.params["spec"] == "hid"


def test_the_rules_do_what_the_advice_does(machine: Machine) -> None:
    usb(machine, "input", "event5")
    path = machine.dev / "input/by-id/usb-Acme-event-kbd"
    path.parent.mkdir(parents=True)
    path.symlink_to("../event5")
    problem = machine.problem("x", path, PermissionError())
    assert f"/etc/udev/rules.d/{RULES.name}" in str(problem)
    subsystem, vendor = re.findall(r'SUBSYSTEM=="(\w+)", ATTRS{idVendor}=="(\w+)"', str(problem))[0]
    text = RULES.read_text()
    assert f'ATTRS{{idVendor}}=="{vendor}", TAG+="uaccess"' in text
    assert subsystem in re.findall(r'^SUBSYSTEM!="([^"]+)", GOTO', text, re.MULTILINE)[0].split("|")


@pytest.mark.parametrize("name", ["scanner-agent", "card-service-worker"])
def test_systemd_understands_the_unit(tmp_path: Path, name: str) -> None:
    analyze = shutil.which("systemd-analyze")
    assert analyze is not None, "The tests need Debian's systemd-analyze; type: sudo apt-get install systemd"
    unit = tmp_path / f"{name}.service"
    installed = re.compile(r"/opt/card-service/bin/[\w-]+")
    unit.write_text(installed.sub("/bin/true", (ROOT / "deploy" / unit.name).read_text()))
    done = subprocess.run([analyze, "verify", unit], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
