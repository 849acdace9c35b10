"""A code is for one page, once, for ten minutes; guesses are few, and only the user can read what is kept."""

import json
import logging
from pathlib import Path

import pytest

from scanner.agent.pairing import CODE_FILE, TOKENS_FILE, Pairing, TooManyTries, WrongCode
from scanner.agent.server import AgentServer
from tests.scanner.agent.conftest import Clock
from tests.scanner.agent.page import TILL, Page


def other(code: str) -> str:
    """Return a code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_becomes_a_token_that_opens_the_stream(agent: AgentServer, page: Page) -> None:
    answer = page.pair(agent.pairing.new_code())
    assert answer.status == 201
    assert answer.headers["Access-Control-Allow-Origin"] == TILL
    assert len(answer.body["token"]) >= 43, "256 bits"
    with page.listen(answer.body["token"]) as stream:
        assert stream.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert stream.answer.headers["Access-Control-Allow-Origin"] == TILL


def test_a_code_works_once(agent: AgentServer, page: Page) -> None:
    code = agent.pairing.new_code()
    assert page.pair(code).status == 201
    again = page.pair(code)
    assert (again.status, again.body["code"]) == (403, "WRONG_CODE")
    assert "scanner agent --pair" in again.body["detail"]


def test_a_code_lives_ten_minutes(agent: AgentServer, page: Page, clock: Clock) -> None:
    code = agent.pairing.new_code()
    clock.now += 600
    assert page.pair(code).body["code"] == "WRONG_CODE"


def test_five_wrong_tries_end_a_code_even_when_they_are_slow(agent: AgentServer, page: Page, clock: Clock) -> None:
    code = agent.pairing.new_code()
    for _ in range(5):
        assert page.pair(other(code)).body["code"] == "WRONG_CODE"
        clock.now += 30
    assert page.pair(code).body["code"] == "WRONG_CODE"


def test_a_sixth_try_in_a_minute_waits_whatever_the_code(agent: AgentServer, page: Page, clock: Clock) -> None:
    code = agent.pairing.new_code()
    for _ in range(5):
        page.pair(other(code))
    code = agent.pairing.new_code()
    refused = page.pair(code)
    assert (refused.status, refused.body["code"]) == (429, "TOO_MANY_TRIES")
    clock.now += int(refused.headers["Retry-After"])
    assert page.pair(code).status == 201


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic {token}", "{token}", "Bearer {token}x"])
def test_without_the_token_there_is_no_stream(page: Page, token: str, header: str) -> None:
    headers = {"Authorization": header.format(token=token)} if header else {}
    answer = page.call("GET", "/events", **headers)
    assert (answer.status, answer.body["code"]) == (401, "NOT_PAIRED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_is_good_for_its_own_origin_only(tmp_path: Path) -> None:
    pairing = Pairing(tmp_path)
    token = pairing.redeem(pairing.new_code(), TILL)
    assert pairing.knows(token, TILL)
    assert not pairing.knows(token, "https://other.example")


def test_what_is_kept_is_private_and_holds_no_token(tmp_path: Path) -> None:
    pairing = Pairing(tmp_path / "config")
    pairing.new_code()
    token = pairing.redeem(pairing.new_code(), TILL)
    pairing.new_code()
    files = {path.name: path for path in (tmp_path / "config").iterdir()}
    assert set(files) == {CODE_FILE, TOKENS_FILE}, "and no temporary files"
    assert {path.stat().st_mode & 0o777 for path in files.values()} == {0o600}
    assert (tmp_path / "config").stat().st_mode & 0o777 == 0o700
    assert token not in files[TOKENS_FILE].read_text()


def test_another_process_makes_and_forgets_beside_a_running_agent(tmp_path: Path) -> None:
    running, typed = Pairing(tmp_path), Pairing(tmp_path)
    token = running.redeem(typed.new_code(), TILL)
    assert typed.paired
    typed.forget()
    assert not running.paired
    assert not running.knows(token, TILL)


def test_only_the_newest_sixteen_pairings_are_kept(tmp_path: Path, clock: Clock) -> None:
    pairing = Pairing(tmp_path, clock)
    tokens = []
    for _ in range(17):
        tokens.append(pairing.redeem(pairing.new_code(), TILL))
        clock.now += 60
    assert [pairing.knows(token, TILL) for token in tokens] == [False] + [True] * 16


def test_a_broken_file_means_pairing_again(tmp_path: Path) -> None:
    (tmp_path / TOKENS_FILE).write_text('[{"hash": "half')
    (tmp_path / CODE_FILE).write_text("")
    pairing = Pairing(tmp_path)
    assert not pairing.paired
    with pytest.raises(WrongCode):
        pairing.redeem("123456", TILL)
    assert pairing.redeem(pairing.new_code(), TILL)


def test_tries_are_counted_for_all_pages_together(tmp_path: Path, clock: Clock) -> None:
    pairing = Pairing(tmp_path, clock)
    for name in "abcde":
        with pytest.raises(WrongCode):
            pairing.redeem("123456", f"https://{name}.example")
    with pytest.raises(TooManyTries) as raised:
        pairing.redeem("123456", TILL)
    assert 1 <= raised.value.retry_after <= 61


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"Content_Type": "text/plain"}, {"code": "123456"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content_Type": "application/json"}, {"code": 123456}, 400, "BAD_REQUEST"),
        ({"Content_Type": "application/json"}, {"code": "12345"}, 400, "BAD_REQUEST"),
        ({"Content_Type": "application/json"}, {"code": "\N{FULLWIDTH DIGIT ONE}23456"}, 400, "BAD_REQUEST"),
        ({"Content_Type": "application/json"}, [], 400, "BAD_REQUEST"),
        ({"Content_Type": "application/json"}, {"code": "1" * 2000}, 413, "BODY_TOO_LARGE"),
        ({"Content_Type": "application/json", "Content_Length": "-1"}, {}, 400, "BAD_REQUEST"),
    ],
)
def test_a_body_that_is_no_code_is_no_try(
    agent: AgentServer, page: Page, headers: dict[str, str], body: object, status: int, code: str
) -> None:
    for _ in range(6):
        answer = page.call("POST", "/pair", body, **headers)
        assert (answer.status, answer.body["code"]) == (status, code)
    assert page.pair(agent.pairing.new_code()).status == 201


def test_a_folder_that_cannot_be_written_is_said(agent: AgentServer, page: Page, tmp_path: Path) -> None:
    code = agent.pairing.new_code()
    # A folder in the file's place stops also root, whom permissions do not.
    (tmp_path / "config" / TOKENS_FILE).mkdir()
    answer = page.pair(code)
    assert (answer.status, answer.body["code"]) == (500, "NOT_KEPT")


def test_the_log_holds_no_code_no_token_and_no_whole_number(
    agent: AgentServer, page: Page, caplog: pytest.LogCaptureFixture
) -> None:
    from scanner.event import ScanEvent  # noqa: PLC0415 - beside its only use

    caplog.set_level(logging.DEBUG)
    code = agent.pairing.new_code()
    page.pair(other(code))
    token = page.pair(code).body["token"]
    with page.listen(token) as stream:
        agent.publish(ScanEvent.now("2100012809732267", "CODE128", "stdin"))
        assert json.loads(stream.next()["data"])["number"] == "2100012809732267"
    agent.publish(ScanEvent.now("CARD7", "QR", "stdin"))
    assert "************2267" in caplog.text
    for secret in (code, other(code), token, "2100012809732267", "CARD7"):
        assert secret not in caplog.text
