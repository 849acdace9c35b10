"""Asks the service who holds a card and what it is worth, with a cashier's key, over HTTP."""

import json
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, Never
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from scanner.errors import ScannerError
from scanner.printable import printable

URL_VARIABLE = "SCANNER_SERVICE_URL"
KEY_VARIABLE = "SCANNER_API_KEY"
KEY_FILE_VARIABLE = "SCANNER_API_KEY_FILE"
DEFAULT_URL = "http://127.0.0.1:8089"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SECONDS = 5.0
"""How long the service may take over each answer; the cashier waits for two."""
MAX_ANSWER_BYTES = 1_000_000
READABLE_BY_OTHERS = 0o004

NOT_THE_SERVICE = f"what answers is not the loyalty service; look at {URL_VARIABLE}"
SENTENCES = {
    "CARD_NOT_FOUND": "no card has this number; scan again, or find the customer by name or phone",
    "CARD_REPLACED": "this card was replaced; ask for the new one, or find the customer by name or phone",
    "UNAUTHENTICATED": f"the service does not know the key; put a cashier's key in {KEY_VARIABLE} or {KEY_FILE_VARIABLE}",
    "FORBIDDEN": f"the key may not look cards up; put a cashier's key in {KEY_VARIABLE} or {KEY_FILE_VARIABLE}",
    "RATE_LIMITED": "the service was asked too often; wait a minute and scan again",
    "TRY_AGAIN": "the service is busy; scan again",
}
"""What a cashier does about each refusal."""
STATES = {
    "SUSPENDED": "blocked: no points can be earned or used; the pharmacy's administrator can say why",
    "CLOSED": "closed: no points can be earned or used; issue a new card",
}


class LookupImpossible(ScannerError):
    """The look-up is not set up: address or key."""


class LookupFailed(ScannerError):
    """This card could not be looked up; the next one may."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the cashier wants to know of a card; amounts as the service gave them. `tier` is None until the service has tiers."""

    name: str | None
    points: Decimal
    amount: Decimal
    tier: str | None
    status: str

    def line(self) -> str:
        """Return one line for the cashier."""
        parts = [printable(self.name or "(no name)"), f"{self.points} points, worth {self.amount}"]
        if self.tier is not None:
            parts.append(printable(self.tier))
        if self.status in STATES:
            parts.append(f"this card is {STATES[self.status]}")
        return " · ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON; amounts are strings, so that nobody reads them as binary numbers."""
        found = {"name": self.name, "points": str(self.points), "amount": str(self.amount), "status": self.status}
        return found | ({} if self.tier is None else {"tier": self.tier})


class Service:
    """The loyalty service, asked as one cashier."""

    def __init__(self, url: str, key: str) -> None:
        """Ask the service at `url`; raises `LookupImpossible` when the key would go over a network in the clear."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise LookupImpossible(f"{URL_VARIABLE} is no address; give one such as https://loyalty.example")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise LookupImpossible(f"{URL_VARIABLE} must begin with https://, or anybody on the network can read the key")
        self._base = f"{url.rstrip('/')}/api/v1/cards"
        self._headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        # A proxy is for what is far away; the key for this machine's own service is not sent to it in the clear.
        self._opener: OpenerDirector = build_opener(_NoRedirect, ProxyHandler({} if parts.hostname in LOOPBACK else None))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Service":
        """Make it from the environment: the key is never on a command line, where every user of the machine can read it."""
        return cls(environment.get(URL_VARIABLE) or DEFAULT_URL, _key(environment))

    def find(self, number: str) -> Found:
        """Look a card up by the number that was scanned; raises `LookupFailed`."""
        card = self._get(f"by-number/{quote(number, safe='')}")
        try:
            balance = self._get(f"{int(card['id'])}/balance")
            return Found(card["customerName"], balance["pointsBalance"], balance["amount"], _tier(card, balance), card["status"])
        except (KeyError, TypeError, ValueError) as other:
            raise LookupFailed(NOT_THE_SERVICE) from other

    def _get(self, path: str) -> dict[str, Any]:
        # The address begins with http:// or https://, which was looked at above.
        request = Request(f"{self._base}/{path}", headers=self._headers)  # noqa: S310
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                return _document(answer)
        except HTTPError as refused:
            with refused:
                raise LookupFailed(_sentence(refused)) from None
        except URLError as unreachable:
            raise LookupFailed(_why_unreachable(unreachable.reason)) from unreachable
        except (OSError, HTTPException) as broken:
            raise LookupFailed(_why_unreachable(broken)) from broken


class _NoRedirect(HTTPRedirectHandler):
    """Follows nothing: the key would go along."""

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str) -> Never:
        del newurl
        raise HTTPError(req.full_url, code, msg, headers, fp)


def _tier(*answers: Mapping[str, Any]) -> str | None:
    """Return the name of the tier, once an answer has one: as text, or as an object with a name."""
    tier = next((answer["tier"] for answer in answers if answer.get("tier")), None)
    name = tier.get("name") if isinstance(tier, dict) else tier
    return name if isinstance(name, str) else None


def _key(environment: Mapping[str, str]) -> str:
    key = environment.get(KEY_VARIABLE, "").strip()
    if not key and environment.get(KEY_FILE_VARIABLE):
        path = Path(environment[KEY_FILE_VARIABLE])
        try:
            if path.stat().st_mode & READABLE_BY_OTHERS:
                raise LookupImpossible(f"{path}: every user of this machine can read the key; type: chmod 600 {path}")
            key = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise LookupImpossible(f"{path}: the key cannot be read ({problem}); see {KEY_FILE_VARIABLE}") from problem
    if not key:
        raise LookupImpossible(
            f"there is no key; put a cashier's key in {KEY_VARIABLE}, or the name of a file with it in {KEY_FILE_VARIABLE}"
        )
    if not (key.isascii() and key.isprintable()):
        raise LookupImpossible(f"what {KEY_VARIABLE} or {KEY_FILE_VARIABLE} gives is no key; it is one line of ASCII characters")
    return key


def _document(answer: IO[bytes]) -> dict[str, Any]:
    """Return the JSON object of an answer, its numbers exact."""
    try:
        document = json.loads(answer.read(MAX_ANSWER_BYTES), parse_float=Decimal)
    except (ValueError, RecursionError) as broken:
        raise LookupFailed(NOT_THE_SERVICE) from broken
    if not isinstance(document, dict):
        raise LookupFailed(NOT_THE_SERVICE)
    return document


def _sentence(refused: HTTPError) -> str:
    """Say what to do about a refusal, by the code of its problem document."""
    try:
        code = _document(refused).get("code")
    except LookupFailed as other:
        return str(other)
    known = SENTENCES.get(str(code))
    if known is None:
        return f"the service refused with {refused.code} {code}; tell whoever runs it"
    return known


def _why_unreachable(reason: object) -> str:
    """Say why there was no answer."""
    if isinstance(reason, ssl.SSLError):
        return f"there is no secure connection to the service ({reason.reason}); tell whoever runs it"
    if isinstance(reason, TimeoutError):
        return "the service does not answer; look at the network, then scan again"
    return f"the service cannot be reached; look at the network and at {URL_VARIABLE}, then scan again"
