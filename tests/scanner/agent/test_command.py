"""`scanner agent` as a program: started, paired, listened to, ended, and started again."""

import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.scanner.agent.page import TILL, Page
from tests.scanner.read.programs import ended, run, running
from tests.servers.mariadb import free_port

NUMBER = "2100012809732267"


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Page]]:
    """Give an agent that reads its standard input and listens, and a page that may call it."""
    port = free_port()
    options = ["--source", "stdin", "--quiet", "--origin", TILL, "--port", str(port), *arguments]
    with running("agent", *options, SCANNER_CONFIG_DIR=str(folder)) as process:
        assert _line(process) == f"listening on http://127.0.0.1:{port} for {TILL}\n"
        yield process, Page(port)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def _code(text: str) -> str:
    found = re.match(r"pairing code: ([0-9]{6}) \(", text)
    assert found, text
    return found[1]


def _show(process: subprocess.Popen[str], number: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{number}\n")
    process.stdin.flush()


def test_the_first_start_prints_a_code_and_the_page_gets_what_is_shown(tmp_path: Path) -> None:
    with started(tmp_path) as (process, page):
        code = _code(_line(process))
        token = page.pair(code).body["token"]
        with page.listen(token) as stream:
            _show(process, f"]C0{NUMBER}")
            event = json.loads(stream.next()["data"])
        assert set(event) == {"number", "symbology", "time", "source", "id"}
        assert (event["number"], event["symbology"], event["source"]) == (NUMBER, "CODE128", "stdin")
        exit_code, out, err = ended(process, signal.SIGTERM)
    assert (exit_code, out) == (0, "")
    assert "scan ************2267 CODE128" in err
    assert NUMBER not in err
    assert token not in err
    assert "Traceback" not in err
    with started(tmp_path) as (process, page):
        with page.listen(token):
            pass
        assert ended(process, signal.SIGINT)[:2] == (0, ""), "paired already: no code is printed"


def test_a_running_agent_is_paired_and_forgets_from_another_terminal(tmp_path: Path) -> None:
    with started(tmp_path) as (process, page):
        old = _code(_line(process))
        new = _code(run("agent", "--pair", SCANNER_CONFIG_DIR=str(tmp_path)).stdout)
        if old != new:  # once in a million they are the same
            assert page.pair(old).status == 403
        token = page.pair(new).body["token"]
        assert run("agent", "--forget", SCANNER_CONFIG_DIR=str(tmp_path)).stdout == "all pairings are ended\n"
        assert page.call("GET", "/events", Authorization=f"Bearer {token}").status == 401


def test_stopping_ends_the_streams_of_pages_at_once(tmp_path: Path) -> None:
    with started(tmp_path) as (process, page):
        token = page.pair(_code(_line(process))).body["token"]
        with page.listen(token) as stream:
            began = time.monotonic()
            assert ended(process, signal.SIGTERM)[0] == 0
            assert stream.answer.read() == b""
            assert time.monotonic() - began < 10


def test_after_the_end_of_its_source_the_last_card_is_still_there_for_a_while(tmp_path: Path) -> None:
    with started(tmp_path) as (process, page):
        token = page.pair(_code(_line(process))).body["token"]
        with page.listen(token) as stream:
            place = stream.ready_id
        _show(process, NUMBER)
        assert process.stdin is not None
        process.stdin.close()
        with page.listen(token, last_id=place) as stream:
            assert stream.number() == NUMBER
        assert process.wait(10) == 0
        process.stdin = None


def test_a_reader_that_is_not_plugged_in_yet_is_waited_for(tmp_path: Path) -> None:
    options = ["--source", "wedge:not-there", "--origin", TILL, "--port", str(free_port()), "--quiet"]
    with running("agent", *options, SCANNER_CONFIG_DIR=str(tmp_path)) as process:
        assert process.stderr is not None
        assert "wedge:not-there: this reader is not there" in process.stderr.readline()
        assert process.poll() is None
        assert ended(process, signal.SIGTERM)[0] == 0


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        result = run("agent", "--source", "stdin", "--port", port, SCANNER_CONFIG_DIR=str(tmp_path))
    assert (result.returncode, result.stdout) == (1, "")
    assert f"port {port} is taken" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "--source"),
        (["--source", "stdin", "--origin", "*"], 2, "is no origin"),
        (["--source", "stdin", "--origin", "https://till.example/counter"], 2, "is no origin"),
        (["--source", "nonsense"], 1, "no such source"),
        (["--source", "stdin", "--port", "80"], 2, "80"),
    ],
)
def test_what_cannot_be_started_is_one_sentence(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    result = run("agent", *arguments, SCANNER_CONFIG_DIR=str(tmp_path))
    assert (result.returncode, result.stdout) == (code, "")
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run("agent", "--pair", SCANNER_CONFIG_DIR=str(tmp_path / "file" / "config"))
    assert (result.returncode, result.stdout) == (1, "")
    assert "SCANNER_CONFIG_DIR" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("variables", "listens_for"),
    [
        ({}, "http://127.0.0.1:8089, http://localhost:8089"),
        ({"SCANNER_SERVICE_URL": "https://loyalty.example/"}, "https://loyalty.example"),
        ({"SCANNER_AGENT_ORIGINS": "https://a.example https://b.example"}, "https://a.example, https://b.example"),
    ],
)
def test_without_an_origin_it_listens_for_the_page_of_the_service(
    tmp_path: Path, variables: dict[str, str], listens_for: str
) -> None:
    port = str(free_port())
    with running("agent", "--source", "stdin", "--port", port, SCANNER_CONFIG_DIR=str(tmp_path), **variables) as process:
        assert _line(process) == f"listening on http://127.0.0.1:{port} for {listens_for}\n"
        assert ended(process, signal.SIGTERM)[0] == 0
