"""`scanner read`: a line a card, nothing else on stdout, and a clean end however it comes."""

import json
import os
import pty
import signal
import subprocess
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import segno
from barcode import get_barcode_class
from barcode.writer import ImageWriter

from scanner.acceptance import Acceptance, Accepted
from scanner.read import symbology_of, watch
from scanner.sources import Reading, open_source
from tests.patience import PATIENCE_SECONDS
from tests.scanner.read.programs import COMMAND, ROOT, ended, environment, run, running, shown
from tests.servers.mariadb import free_port
from tests.servers.processes import LiveServer

NUMBER = "2100012809732267"
"""One of our own: its check digits hold."""


def draw(path: Path, kind: str, number: str = NUMBER) -> Path:
    """Write a picture of a code."""
    if kind == "qr":
        segno.make_qr(number).save(str(path), scale=6)
        return path
    with path.open("wb") as file:
        get_barcode_class(kind)(number, writer=ImageWriter()).write(file)
    return path


def test_cards_are_lines_and_the_rest_is_on_stderr() -> None:
    result = run("read", "--source", "stdin", "--quiet", text=f"{NUMBER}\n]E05901234123457\n\n]C1CARD 7\n")
    assert result.stdout == f"{NUMBER}\tUNKNOWN\tstdin\nCARD7\tCODE128\tstdin\n"
    assert result.stderr == "scanner: this is the barcode of a product; show the loyalty card\n"
    assert result.returncode == 0


def test_jsonl_is_the_event() -> None:
    result = run("read", "--source", "stdin", "--jsonl", text=f"]Q3{NUMBER}\n]A0CARD001\n")
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert set(first) == {"number", "symbology", "time", "source", "id"}
    assert (first["number"], first["symbology"], first["source"]) == (NUMBER, "QR", "stdin")
    assert timedelta() <= datetime.now(UTC) - datetime.fromisoformat(first["time"]) < timedelta(minutes=1)
    assert (second["number"], second["symbology"]) == ("CARD001", "CODE39")
    assert first["id"] != second["id"]


@pytest.mark.parametrize(("kind", "symbology"), [("qr", "QR"), ("code128", "CODE128")])
def test_a_picture_of_a_card_is_a_card(tmp_path: Path, kind: str, symbology: str) -> None:
    path = draw(tmp_path / "card.png", kind)
    result = run("read", "--source", f"file:{path}", "--once")
    assert result.stdout == f"{NUMBER}\t{symbology}\tfile:{path}\n"
    assert (result.returncode, result.stderr) == (0, "")


def test_a_lone_picture_is_looked_at_until_also_a_weak_symbology_is_believed(tmp_path: Path) -> None:
    path = draw(tmp_path / "card.png", "ean13", "5901234123457")
    assert run("read", "--source", f"file:{path}", "--ean-prefix", "5901").stdout.startswith("5901234123457\tEAN13\t")
    refused = run("read", "--source", f"file:{path}", "--ean-prefix", "9", "--once")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1] == "scanner: no card was shown"


def test_only_what_looks_like_a_card_of_this_tenant_is_taken() -> None:
    result = run("read", "--source", "stdin", "--pattern", "[0-9]{16}", text=f"{NUMBER}0\n{NUMBER}\n")
    assert result.stdout == f"{NUMBER}\tUNKNOWN\tstdin\n"
    assert "not one of our card numbers" in result.stderr


def test_once_ends_with_the_first_card_while_the_source_goes_on() -> None:
    with running("read", "--source", "stdin", "--once") as process:
        assert shown(process, NUMBER) == f"{NUMBER}\tUNKNOWN\tstdin\n"
        assert process.wait(10) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    with running("read", "--source", "stdin") as process:
        assert shown(process, NUMBER).startswith(NUMBER)
        assert ended(process, number) == (0, "", "")


def test_a_reader_that_is_gone_from_the_pipe_is_no_traceback() -> None:
    with running("read", "--source", "stdin") as process:
        shown(process, "CARD1")
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write("CARD2\n")
        process.stdin.flush()
        assert process.wait(10) == 1
        assert process.stderr.read() == ""
        process.stdout = None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--source", "nonsense"], 1, "no such source"),
        (["--source", "wedge:not-there"], 1, "not there"),
        (["--source", "file:/nowhere/card.png"], 1, "No such file"),
        (["--source", "stdin", "--lookup"], 1, "SCANNER_API_KEY"),
        (["--source", "stdin", "--pattern", "("], 2, "not a regular expression"),
        (["--source", "stdin", "--ean-prefix", "x"], 2, "digits"),
        ([], 2, "--source"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(arguments: list[str], code: int, said: str) -> None:
    result = run("read", *arguments)
    assert (result.returncode, result.stdout) == (code, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_the_lookup_prints_the_holder_or_what_to_do(live_server: LiveServer) -> None:
    tenant = live_server.tenant()
    card = tenant.admin.post("/cards", {"customerName": "Asha Rao"}).json
    variables = {"SCANNER_SERVICE_URL": live_server.url, "SCANNER_API_KEY": tenant.keys["cashier"]}
    text = f"{card['cardNumber']}\nNOBODYS\n"
    plain = run("read", "--source", "stdin", "--lookup", text=text, **variables)
    assert plain.stdout.splitlines() == [
        f"{card['cardNumber']}\tUNKNOWN\tstdin\tAsha Rao · 0.00 points, worth 0.00",
        "NOBODYS\tUNKNOWN\tstdin\tno card has this number; scan again, or find the customer by name or phone",
    ]
    lines = run("read", "--source", "stdin", "--lookup", "--jsonl", text=text, **variables).stdout.splitlines()
    known, unknown = map(json.loads, lines)
    assert known["card"] == {"name": "Asha Rao", "points": "0.00", "amount": "0.00", "status": "ACTIVE"}
    assert unknown["problem"].startswith("no card has this number")
    assert tenant.keys["cashier"] not in plain.stdout + plain.stderr


def test_no_network_is_said_for_each_card_and_the_reading_goes_on() -> None:
    variables = {"SCANNER_SERVICE_URL": f"http://127.0.0.1:{free_port()}", "SCANNER_API_KEY": "key"}
    result = run("read", "--source", "stdin", "--lookup", text="CARD1\nCARD2\n", **variables)
    assert [line.partition("\t")[0] for line in result.stdout.splitlines()] == ["CARD1", "CARD2"]
    assert result.stdout.count("cannot be reached") == 2
    assert result.returncode == 0


def test_the_key_is_on_no_command_line() -> None:
    assert "key" not in [option.lstrip("-") for option in run("read", "--help").stdout.split() if option.startswith("--")]


def test_without_a_player_a_terminal_rings_and_a_file_does_not(tmp_path: Path) -> None:
    leader, follower = pty.openpty()
    try:
        process = subprocess.Popen(
            [*COMMAND, "read", "--source", "stdin"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=follower,
            cwd=ROOT,
            env=environment(PATH=str(tmp_path)),  # where no player is
        )
        process.communicate(NUMBER.encode(), timeout=PATIENCE_SECONDS)
        assert os.read(leader, 100) == b"\a"
    finally:
        os.close(leader)
        os.close(follower)
    assert run("read", "--source", "stdin", text=NUMBER, PATH=str(tmp_path)).stderr == ""


def test_control_characters_of_a_card_do_nothing_to_the_terminal() -> None:
    result = run("read", "--source", "stdin", text="CARD\x1b[2J1\n")
    assert result.stdout == "CARD\\x1b[2J1\tUNKNOWN\tstdin\n"


def test_a_wedge_needs_no_library_of_pictures() -> None:
    program = (
        "import sys; import scanner.read, scanner.feedback; print({'cv2', 'numpy', 'zxingcpp', 'pyzbar'} & set(sys.modules))"
    )
    result = subprocess.run([COMMAND[0], "-c", program], check=True, capture_output=True, encoding="utf-8", cwd=ROOT)
    assert result.stdout == "set()\n"


@pytest.mark.parametrize(
    ("reading", "symbology"),
    [
        (Reading("5901234123457", 0, "]E0"), "EAN13"),
        (Reading("]C0CARD", 0), "CODE128"),
        (Reading("]C0CARD", 0, "]Q1"), "QR"),
        (Reading("CARD", 0, "]z0"), "UNKNOWN"),
        (Reading("CARD", 0), "UNKNOWN"),
    ],
)
def test_the_aim_identifier_says_the_symbology(reading: Reading, symbology: str) -> None:
    assert symbology_of(reading) == symbology


def test_one_picture_is_one_card_however_often_it_is_looked_at(tmp_path: Path) -> None:
    source = open_source(f"file:{draw(tmp_path / 'card.png', 'qr')}")
    with closing(watch(source, Acceptance())) as seen:
        verdicts = [one.verdict for one in seen]
    assert [type(verdict) for verdict in verdicts] == [Accepted, type(None), type(None)]
