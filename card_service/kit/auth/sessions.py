"""The secrets of a session: a random token in a cookie, and what is derived of it.

The database keeps an HMAC of the token, so that a stolen table opens no session. The token of a page's forms is
another HMAC of it, so that it belongs to one session and need not be stored.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

_FORM = re.compile(r"[A-Za-z0-9_-]{43}\Z")


@dataclass(frozen=True, slots=True)
class SessionSecret:
    """Derives what is stored and what is shown of a token; made of the service's own secret."""

    secret: bytes

    def stored(self, token: str) -> str:
        """Give what the database keeps of a session's token."""
        return self._derived("session", token)

    def form_token(self, token: str) -> str:
        """Give what the forms and scripts of a page must send to show that they are ours."""
        return self._derived("form", token)

    def is_form_token(self, given: str, token: str) -> bool:
        """Compare in constant time; anything can be given."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.form_token(token).encode())

    def login(self, login: str) -> str:
        """Give the name under which the failures of a login are counted, whether anybody has it or not."""
        return self._derived("login", login)

    def _derived(self, purpose: str, text: str) -> str:
        return hmac.new(self.secret, f"card-service {purpose} {text}".encode(), hashlib.sha256).hexdigest()


def new_token() -> str:
    """Make a token of 256 random bits."""
    return secrets.token_urlsafe(32)


def is_token(text: str) -> bool:
    """Tell whether this could be a token of ours."""
    return _FORM.match(text) is not None
