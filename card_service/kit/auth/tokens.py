"""Signed tokens: PyJWT checks the signature and the times; what it leaves open is checked here.

PyJWT alone let seven of thirty forgeries pass (docs/reliability.md): a key used with another algorithm, a tenant
id that is text, a life of years, a claim that stands twice.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

import jwt

from card_service.kit.auth.caller import ROLES, Caller
from card_service.kit.errors import Unauthenticated

LONGEST_LIFE_SECONDS = 3600
LEEWAY_SECONDS = 5
MAX_TOKEN_LENGTH = 8192
MAX_TENANT = 2**63 - 1
_HEADERS = {"alg", "kid", "typ"}
# Exactly the three parts of a JWS as RFC 7515 writes them: PyJWT also takes padding.
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z")
_CLAIMS = ("iss", "aud", "exp", "iat", "sub", "tenant_id", "role")


class SigningKey(Protocol):
    """A key and the one algorithm it may be used for."""

    @property
    def algorithm(self) -> str:
        """The name of the algorithm, such as RS256."""

    @property
    def key(self) -> str:
        """A PEM public key, or a shared secret."""


def caller_of(token: str, keys: Mapping[str, SigningKey], issuer: str, audience: str, now: datetime) -> Caller:
    """Check a token and give its caller; raises Unauthenticated with nothing about why."""
    if len(token) > MAX_TOKEN_LENGTH or not _FORM.match(token):
        raise Unauthenticated
    header, claims = (_unique_members(part) for part in token.split(".")[:2])
    kid = header.get("kid")
    signing = keys.get(kid) if isinstance(kid, str) else None
    if signing is None or header.get("alg") != signing.algorithm or header.get("typ") != "JWT" or set(header) - _HEADERS:
        raise Unauthenticated
    try:
        verified = jwt.decode(
            token,
            key=signing.key,
            algorithms=[signing.algorithm],
            issuer=issuer,
            audience=audience,
            leeway=LEEWAY_SECONDS,
            # The times are checked below against the service's own clock.
            options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise Unauthenticated from error
    if verified != claims:
        raise Unauthenticated
    return _checked(verified, audience, now)


def _checked(claims: dict[str, Any], audience: str, now: datetime) -> Caller:
    issued, expires, tenant = claims["iat"], claims["exp"], claims["tenant_id"]
    not_before = claims.get("nbf", issued)
    if not all(type(value) is int for value in (issued, expires, not_before, tenant)):
        raise Unauthenticated
    moment = now.timestamp()
    on_time = issued - LEEWAY_SECONDS <= moment and not_before - LEEWAY_SECONDS <= moment < expires + LEEWAY_SECONDS
    lives_shortly = 0 < expires - issued <= LONGEST_LIFE_SECONDS
    subject, role = claims["sub"], claims["role"]
    if not (on_time and lives_shortly and 1 <= tenant <= MAX_TENANT and claims["aud"] == audience):
        raise Unauthenticated
    if not (isinstance(subject, str) and 1 <= len(subject) <= 100 and subject.isprintable()):  # noqa: PLR2004
        raise Unauthenticated
    if not isinstance(role, str) or role not in ROLES:
        raise Unauthenticated
    return Caller(tenant, role, f"jwt:{subject}")


def _unique_members(part: str) -> dict[str, Any]:
    """Read a part of the token, refusing a member that stands twice: two readers could see two tenants."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise Unauthenticated
        return found

    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        # As text: given bytes, json would also read UTF-16 and a byte order mark.
        value = json.loads(data.decode("utf-8"), object_pairs_hook=once)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise Unauthenticated from error
    if not isinstance(value, dict):
        raise Unauthenticated
    return value
