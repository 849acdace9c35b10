"""API keys: 32 random bytes, shown once, kept as an HMAC, found by a prefix that is no secret.

A key is random already, so a slow hash would add nothing but half a second to each request; those are for the
passwords of people.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

_FORM = re.compile(r"csk_([a-z0-9]{10})_([A-Za-z0-9_-]{43})\Z")
_PREFIX_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `text` is shown to its owner and never again."""

    text: str
    prefix: str
    key_hash: str


def new_key(secret: bytes) -> NewKey:
    """Make a key and what is stored of it."""
    prefix = "".join(secrets.choice(_PREFIX_ALPHABET) for _ in range(10))
    text = f"csk_{prefix}_{secrets.token_urlsafe(32)}"
    return NewKey(text, prefix, hash_of(text, secret))


def prefix_of(text: str) -> str | None:
    """Read the prefix of a key, None if this is no key of ours."""
    found = _FORM.match(text)
    return found.group(1) if found else None


def hash_of(text: str, secret: bytes) -> str:
    """HMAC-SHA256 under the service's secret: a stolen table alone finds no key."""
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def matches(text: str, key_hash: str, secret: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(hash_of(text, secret), key_hash)
