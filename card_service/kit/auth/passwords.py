"""Passwords of people: argon2id with OWASP's parameters, slow on purpose.

Hashing takes tens of milliseconds and 19 MiB, so it is never done while a database connection is held.
"""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's password storage cheat sheet: argon2id with 19 MiB, two passes, one lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
MAX_BYTES = 1000
"""No longer text is hashed: a body full of password would only cost time."""


def hash_password(password: str) -> str:
    """Hash a password with a salt of its own."""
    return _HASHER.hash(_normal(password))


def verify(password: str, password_hash: str | None) -> bool:
    """Tell whether a password is the one that was hashed; without a hash it takes as long, and it is not."""
    known = bool(password_hash)
    if len(password.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        known, password = False, ""
    try:
        _HASHER.verify(password_hash or _nobodys(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return known


def is_outdated(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(password_hash)


@cache
def _nobodys() -> str:
    """Give a hash that belongs to nobody, for logins that nobody has."""
    return _HASHER.hash("the password of nobody")


def _normal(password: str) -> bytes:
    """Write the same characters as the same bytes, whichever keyboard they were typed on."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
