"""Who may call the agent at all: this machine's own address in `Host`, and a page of a named origin."""

from collections.abc import Iterable
from email.message import Message
from urllib.parse import urlsplit

SECONDS_A_PREFLIGHT_IS_KEPT = 600
DEFAULT_PORTS = {"http": ":80", "https": ":443"}
"""Browsers leave these away."""


class BadOrigin(ValueError):
    """What was given as an origin is none; the text says how one looks."""


def origin(text: str) -> str:
    """Return an origin as browsers send it: scheme, name and port, without a slash at the end.

    Raises `BadOrigin`, also for `*` and `null`: every page, and every page without a name, is never meant.
    """
    parts = urlsplit(text.lower())
    bare = f"{parts.scheme}://{parts.netloc}"
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc or text.lower().rstrip("/") != bare:
        raise BadOrigin(f"{text!r} is no origin; give the beginning of the page's address, such as https://till.example")
    return bare.removesuffix(DEFAULT_PORTS[parts.scheme])


class Gate:
    """The allow-lists of one agent."""

    def __init__(self, port: int, origins: Iterable[str]) -> None:
        """Allow the loopback names with this port, and these origins."""
        self._hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
        self._origins = frozenset(origins)

    def host_allowed(self, headers: Message) -> bool:
        """Say whether the request was meant for this machine.

        A page of another site whose name was made to point at 127.0.0.1 (DNS rebinding) is of one origin with the agent
        as far as the browser knows, but its `Host` is still the name of that site.
        """
        hosts = headers.get_all("Host", [])
        return len(hosts) == 1 and hosts[0].lower() in self._hosts

    def origin_of(self, headers: Message) -> str | None:
        """Return the allowed origin of the page that calls, or None when it is foreign or not a page's request."""
        given = headers.get_all("Origin", [])
        return given[0] if len(given) == 1 and given[0] in self._origins else None

    def answer_headers(self, allowed: str | None) -> dict[str, str]:
        """Return the CORS headers of an answer: none but `Vary` for whoever is not on the list."""
        headers = {"Vary": "Origin"}
        if allowed is not None:
            headers["Access-Control-Allow-Origin"] = allowed
            headers["Access-Control-Expose-Headers"] = "Retry-After"
        return headers

    def preflight_headers(self, headers: Message) -> dict[str, str]:
        """Return the further headers that answer a browser's question before the real request of an allowed page."""
        answer = {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
            "Access-Control-Max-Age": str(SECONDS_A_PREFLIGHT_IS_KEPT),
        }
        if headers.get("Access-Control-Request-Private-Network") == "true":
            answer["Access-Control-Allow-Private-Network"] = "true"
        return answer
