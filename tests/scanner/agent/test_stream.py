"""What connected pages get: every scan once, nothing older than five seconds, whatever other pages do."""

import json
import logging
import socket
import time
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest

from scanner.agent import stream as stream_module
from scanner.agent.server import MAX_CONNECTIONS, MAX_STREAMS, AgentServer
from scanner.event import ScanEvent
from tests.patience import PATIENCE_SECONDS, wait_until
from tests.scanner.agent.conftest import Clock
from tests.scanner.agent.page import TILL, Page


def scan(number: str) -> ScanEvent:
    """Make the event of a card."""
    return ScanEvent.now(number, "CODE128", "stdin")


def free_seats(agent: AgentServer) -> int:
    """Return how many more pages may listen."""
    taken = 0
    while agent.streams.acquire(blocking=False):
        taken += 1
    for _ in range(taken):
        agent.streams.release()
    return taken


def test_every_page_gets_every_scan_in_order(agent: AgentServer, page: Page, token: str) -> None:
    with page.listen(token) as one, page.listen(token) as other:
        events = [scan(f"CARD{n}") for n in range(3)]
        for event in events:
            agent.publish(event)
        for stream in (one, other):
            got = [stream.next() for _ in events]
            assert [fields["id"] for fields in got] == [event.id for event in events]
            assert [fields["data"] for fields in got] == [event.as_json() for event in events]


def test_a_pairing_that_is_ended_ends_its_stream_before_the_next_scan(agent: AgentServer, page: Page, token: str) -> None:
    with page.listen(token) as stream:
        agent.pairing.forget()
        agent.publish(scan("AFTER"))
        with pytest.raises(EOFError):
            stream.next()


def test_a_page_that_comes_new_gets_nothing_of_before(agent: AgentServer, page: Page, token: str) -> None:
    agent.publish(scan("BEFORE"))
    with page.listen(token) as stream:
        agent.publish(scan("AFTER"))
        assert stream.number() == "AFTER"


def test_a_page_that_comes_back_gets_what_it_missed(agent: AgentServer, page: Page, token: str, clock: Clock) -> None:
    with page.listen(token) as stream:
        agent.publish(scan("SEEN"))
        seen = stream.next()["id"]
    agent.publish(scan("MISSED1"))
    clock.now += 4.9
    agent.publish(scan("MISSED2"))
    with page.listen(token, last_id=seen) as stream:
        assert [stream.number(), stream.number()] == ["MISSED1", "MISSED2"]
        agent.publish(scan("NEXT"))
        assert stream.number() == "NEXT"


def test_the_first_scan_of_all_is_not_missed_either(agent: AgentServer, page: Page, token: str) -> None:
    with page.listen(token) as stream:
        place = stream.ready_id
    agent.publish(scan("FIRST"))
    with page.listen(token, last_id=place) as stream:
        assert stream.number() == "FIRST"


def test_ready_says_where_the_page_is(agent: AgentServer, page: Page, token: str) -> None:
    latest = scan("SEEN")
    agent.publish(latest)
    with page.listen(token) as stream:
        assert stream.ready_id == latest.id


def test_five_seconds_later_a_scan_is_gone_for_ever(agent: AgentServer, page: Page, token: str, clock: Clock) -> None:
    with page.listen(token) as stream:
        agent.publish(scan("SEEN"))
        seen = stream.next()["id"]
    agent.publish(scan("OLD"))
    clock.now += 5.0
    with page.listen(token, last_id=seen) as stream:
        agent.publish(scan("NEW"))
        assert stream.number() == "NEW"


def test_an_id_of_another_life_gets_all_that_is_young(agent: AgentServer, page: Page, token: str, clock: Clock) -> None:
    agent.publish(scan("OLD"))
    clock.now += 5.0
    agent.publish(scan("YOUNG1"))
    agent.publish(scan("YOUNG2"))
    with page.listen(token, last_id="of-an-agent-before") as stream:
        assert [stream.number(), stream.number()] == ["YOUNG1", "YOUNG2"]


def test_only_old_scans_left_costs_no_work(agent: AgentServer, page: Page, token: str, clock: Clock) -> None:
    agent.publish(scan("OLD"))
    clock.now += 5.0
    with page.listen(token, last_id="of-an-agent-before") as stream:
        before = time.process_time()
        time.sleep(0.5)
        assert time.process_time() - before < 0.25, "the stream must wait, not spin"
        agent.publish(scan("NEW"))
        assert stream.number() == "NEW"


def test_a_page_too_many_is_told_and_a_place_is_free_again_soon(agent: AgentServer, page: Page, token: str) -> None:
    with ExitStack() as stack:
        for _ in range(MAX_STREAMS):
            stack.enter_context(page.listen(token))
        refused = page.call("GET", "/events", Authorization=f"Bearer {token}")
        assert (refused.status, refused.body["code"]) == (503, "TOO_MANY_PAGES")
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.headers["Access-Control-Allow-Origin"] == TILL
    # All went away without a word; nothing needs to be scanned for the agent to see it.
    wait_until(lambda: free_seats(agent) == MAX_STREAMS)
    with page.listen(token) as stream:
        agent.publish(scan("AGAIN"))
        assert stream.number() == "AGAIN"


def test_connections_that_say_nothing_are_bounded(agent: AgentServer, page: Page) -> None:
    with ExitStack() as stack:
        for _ in range(MAX_CONNECTIONS):
            stack.enter_context(socket.create_connection(("127.0.0.1", agent.port), timeout=PATIENCE_SECONDS))
        extra = stack.enter_context(socket.create_connection(("127.0.0.1", agent.port), timeout=PATIENCE_SECONDS))
        assert extra.recv(1) == b"", "hung up at once"
    wait_until(lambda: _answers(page))


def _answers(page: Page) -> bool:
    try:
        return page.call("GET", "/health").status == 200
    except OSError:
        return False


def test_a_page_that_does_not_read_holds_up_nobody(
    agent: AgentServer, page: Page, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "WRITE_SECONDS", 6)
    slow = HTTPConnection("127.0.0.1", agent.port, timeout=PATIENCE_SECONDS)
    slow.request("GET", "/events", headers={"Origin": TILL, "Authorization": f"Bearer {token}"})
    unread = slow.getresponse()  # and kept, or its socket would be closed
    with page.listen(token) as quick:
        assert free_seats(agent) == MAX_STREAMS - 2
        big = scan("9" * 16_000_000)  # more than the buffers of both sides hold
        started = time.monotonic()
        agent.publish(big)
        agent.publish(scan("SMALL"))
        assert time.monotonic() - started < 5, "publishing waits for no page"
        assert json.loads(quick.next()["data"])["number"] == big.number
        assert quick.number() == "SMALL"
        wait_until(lambda: free_seats(agent) == MAX_STREAMS - 1)
    unread.close()


def test_silence_is_broken_so_that_a_dead_agent_is_noticed(page: Page, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_module, "ALIVE_EVERY_SECONDS", 0.5)
    with page.listen(token) as stream:
        assert stream.answer.readline() == b": alive\n"


def test_stopping_the_agent_ends_the_streams(agent: AgentServer, page: Page, token: str) -> None:
    with page.listen(token) as stream:
        agent.recent.close()
        assert stream.answer.read() == b""


def test_who_listens_is_logged(agent: AgentServer, page: Page, token: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with page.listen(token):
        pass
    wait_until(lambda: free_seats(agent) == MAX_STREAMS)
    assert f"a page of {TILL} listens" in caplog.text
    assert f"a page of {TILL} went" in caplog.text
