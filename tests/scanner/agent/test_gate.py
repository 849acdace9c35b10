"""Who is kept out: other names, other origins, other methods, and what is no request at all."""

import pytest

from scanner.agent.gate import BadOrigin, origin
from scanner.agent.server import AgentServer
from tests.scanner.agent.page import TILL, Page, raw


def test_the_agent_listens_on_the_loopback_address_only(agent: AgentServer) -> None:
    assert agent.socket.getsockname()[0] == "127.0.0.1"


def test_health_needs_no_page_and_says_whether_one_is_paired(agent: AgentServer) -> None:
    before = Page(agent.port, origin=None).call("GET", "/health")
    assert before.status == 200
    assert before.body == {"name": "scanner-agent", "protocol": 1, "source": "stdin", "paired": False}
    assert Page(agent.port).pair(agent.pairing.new_code()).status == 201
    assert Page(agent.port, origin=None).call("GET", "/health").body["paired"] is True


@pytest.mark.parametrize("host", ["rebound.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:{port}", ""])
@pytest.mark.parametrize("path", ["/health", "/events", "/pair"])
def test_another_host_is_refused_before_all_else(page: Page, token: str, host: str, path: str) -> None:
    answer = page.call("GET", path, Host=host.format(port=page.port), Authorization=f"Bearer {token}")
    assert (answer.status, answer.body["code"]) == (403, "FOREIGN_HOST")
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("hosts", [b"", b"Host: 127.0.0.1:%d\r\nHost: rebound.example\r\n"])
def test_no_host_and_two_hosts_are_refused(agent: AgentServer, hosts: bytes) -> None:
    hosts = hosts % agent.port if hosts else hosts
    answer = raw(agent.port, b"GET /health HTTP/1.1\r\n" + hosts + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"FOREIGN_HOST" in answer


def test_localhost_is_this_machine_too(page: Page) -> None:
    assert page.call("GET", "/health", Host=f"LOCALHOST:{page.port}").status == 200


@pytest.mark.parametrize(
    "foreign", ["https://evil.example", "null", f"{TILL}.evil.example", "http://till.example", f"{TILL}:444", ""]
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/events"), ("POST", "/pair"), ("GET", "/health"), ("OPTIONS", "/events")])
def test_another_origin_is_refused_and_given_no_headers(page: Page, token: str, foreign: str, method: str, path: str) -> None:
    answer = page.call(
        method,
        path,
        Origin=foreign,
        Authorization=f"Bearer {token}",
        Access_Control_Request_Private_Network="true",
    )
    assert (answer.status, answer.body["code"]) == (403, "FOREIGN_ORIGIN")
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("path", ["/events", "/pair", "/"])
def test_a_request_of_no_page_gets_health_only(agent: AgentServer, token: str, path: str) -> None:
    answer = Page(agent.port, origin=None).call("GET", path, Authorization=f"Bearer {token}")
    assert (answer.status, answer.body["code"]) == (403, "FOREIGN_ORIGIN")


def test_the_browsers_question_is_answered_for_an_allowed_page(page: Page) -> None:
    asked = {
        "Access_Control_Request_Method": "GET",
        "Access_Control_Request_Headers": "authorization,last-event-id",
    }
    answer = page.call("OPTIONS", "/events", **asked)
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == TILL
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST"
    assert answer.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type, Last-Event-ID"
    assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Private-Network" not in answer.headers
    assert "Access-Control-Allow-Credentials" not in answer.headers
    private = page.call("OPTIONS", "/events", Access_Control_Request_Private_Network="true", **asked)
    assert private.headers["Access-Control-Allow-Private-Network"] == "true"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "NOT_FOUND"),
        ("GET", "/events?token=x", 404, "NOT_FOUND"),
        ("POST", "/events", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/pair", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/events", 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_other_calls_are_refused_in_json(page: Page, method: str, path: str, status: int, code: str) -> None:
    answer = page.call(method, path)
    assert (answer.status, answer.body["code"]) == (status, code)


@pytest.mark.parametrize("nonsense", [b"\x16\x03\x01\x02\x00\r\n\r\n", b"SECRET9 <script>\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"])
def test_what_is_no_request_is_not_repeated(agent: AgentServer, nonsense: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    answer = raw(agent.port, nonsense)
    assert b'"BAD_REQUEST"' in answer
    assert b"SECRET9" not in answer
    assert capfd.readouterr() == ("", "")


def test_answers_are_not_kept_and_name_no_python(page: Page) -> None:
    headers = page.call("GET", "/health").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Python" not in headers["Server"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("https://till.example", "https://till.example"),
        ("HTTP://Till.Example:8089/", "http://till.example:8089"),
        ("https://a:443", "https://a"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(text: str, meant: str) -> None:
    assert origin(text) == meant


@pytest.mark.parametrize(
    "text", ["*", "null", "till.example", "https://", "https://till.example/counter", "ftp://a", "https://u@a"]
)
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(BadOrigin, match="such as https:"):
        origin(text)
