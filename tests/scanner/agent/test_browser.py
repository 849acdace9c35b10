"""A real page in a real browser: on https, of another origin than the agent, which it may call and others may not."""

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page as Tab
from playwright.sync_api import Route, sync_playwright

from scanner.agent.server import AgentServer
from scanner.event import ScanEvent
from tests.scanner.agent.page import TILL

NUMBER = "2100012809732267"
POLICY = "default-src 'none'; connect-src 'self' http://127.0.0.1:{port}"

PAIR = """async ([agent, code]) => {
    const body = JSON.stringify({code});
    const answer = await fetch(`${agent}/pair`, {method: "POST", headers: {"Content-Type": "application/json"}, body});
    return (await answer.json()).token;
}"""
LISTEN = """async ([agent, token, lastId]) => {
    const headers = {"Authorization": `Bearer ${token}`};
    if (lastId) headers["Last-Event-ID"] = lastId;
    const answer = await fetch(`${agent}/events`, {headers});
    window.stream = answer.body.pipeThrough(new TextDecoderStream()).getReader();
}"""
READ_UNTIL = """async (last) => {
    let text = "";
    while (!text.endsWith(last)) text += (await window.stream.read()).value;
    return text;
}"""
TRY = """async ([agent, path]) => {
    try { return (await fetch(`${agent}${path}`)).status; } catch (error) { return error.name; }
}"""


@pytest.fixture
def tab(agent: AgentServer) -> Iterator[Tab]:
    """Give a tab of Debian's chromium, to which every site on https is an empty page under the counter's policy."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "The tests need Debian's chromium; type: sudo apt-get install chromium"

    def page(route: Route) -> None:
        headers = {"Content-Security-Policy": POLICY.format(port=agent.port)}
        route.fulfill(content_type="text/html", headers=headers, body="<!doctype html><title>till</title>")

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context()
        # What the person is asked once (Local Network Access); the agent's own doors stay to be passed.
        context.grant_permissions(["local-network-access"])
        context.route(re.compile("^https://"), page)
        yield context.new_page()
        browser.close()


def written(event: ScanEvent) -> str:
    """Return a scan as it stands in the stream."""
    return f"event: scan\nid: {event.id}\ndata: {event.as_json()}\n\n"


def test_a_page_is_paired_listens_and_comes_back(agent: AgentServer, tab: Tab) -> None:
    url = f"http://127.0.0.1:{agent.port}"
    tab.goto(f"{TILL}/counter")
    token = tab.evaluate(PAIR, [url, agent.pairing.new_code()])
    tab.evaluate(LISTEN, [url, token, None])
    assert tab.evaluate(READ_UNTIL, "\n\n") == "event: ready\nid: 0\ndata: {}\n\n"
    event, missed = (ScanEvent.now(NUMBER, "CODE128", "camera:0") for _ in range(2))
    agent.publish(event)
    assert tab.evaluate(READ_UNTIL, written(event)) == written(event)
    tab.reload()
    agent.publish(missed)
    tab.evaluate(LISTEN, [url, token, event.id])
    assert tab.evaluate(READ_UNTIL, written(missed)) == f"event: ready\nid: {event.id}\ndata: {{}}\n\n{written(missed)}"


def test_a_page_of_another_site_sees_nothing_not_even_that_somebody_is_there(agent: AgentServer, tab: Tab) -> None:
    url = f"http://127.0.0.1:{agent.port}"
    tab.goto("https://evil.example/")
    assert tab.evaluate(TRY, [url, "/health"]) == "TypeError"
    assert tab.evaluate(TRY, [url, "/events"]) == "TypeError"
    tab.goto(f"{TILL}/counter")
    assert tab.evaluate(TRY, [url, "/health"]) == 200
