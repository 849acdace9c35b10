"""Pairing: a code that a person carries from the agent to the page, once, becomes the page's token.

Two files in the user's configuration folder, both readable by the user only: the code that is open, which
`scanner agent --pair` writes beside a running agent, and the hashes of the tokens, which the agent writes.
"""

import json
import os
import secrets
import tempfile
import time
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from threading import Lock
from typing import Any

CODE_FILE = "agent-code.json"
TOKENS_FILE = "agent-tokens.json"
CODE_SECONDS = 600
TRIES_PER_CODE = 5
TRIES_PER_MINUTE = 5
PAIRINGS_KEPT = 16
NEW_CODE = "make a new one with: scanner agent --pair"


class WrongCode(Exception):
    """The code is not the one that was printed, or that one is void; the text says what to do."""


class TooManyTries(Exception):
    """Somebody guesses codes."""

    def __init__(self, retry_after: int) -> None:
        """Take the whole seconds after which one may try again."""
        super().__init__(f"too many codes were tried; wait {retry_after} seconds")
        self.retry_after = retry_after


class Pairing:
    """The codes and tokens in one folder; safe to use from many threads."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """Use the folder, which is made when something is first written; `clock` gives seconds since 1970."""
        self._folder = folder
        self._clock = clock
        self._tries: deque[float] = deque(maxlen=TRIES_PER_MINUTE)
        self._lock = Lock()

    @property
    def paired(self) -> bool:
        """Whether any page has a token."""
        return bool(self._tokens())

    def new_code(self) -> str:
        """Make a code of six digits, which replaces the one before."""
        code = f"{secrets.randbelow(10**6):06}"
        self._write(CODE_FILE, {"code": code, "expires_at": self._clock() + CODE_SECONDS, "tries": TRIES_PER_CODE})
        return code

    def redeem(self, code: str, origin: str) -> str:
        """Take a code and return the new token of an origin.

        Raises `WrongCode` and `TooManyTries`. A code is void after the first right try, and after five wrong ones.
        """
        with self._lock:
            self._count_try()
            is_open = self._read(CODE_FILE, {})
            if not is_open or self._clock() >= is_open["expires_at"]:
                raise WrongCode(f"there is no open code; {NEW_CODE}")
            if not compare_digest(code.encode(), is_open["code"].encode()):
                is_open["tries"] -= 1
                if is_open["tries"] > 0:
                    self._write(CODE_FILE, is_open)
                    raise WrongCode("that is not the code that the scanner printed; type it again")
                self._remove(CODE_FILE)
                raise WrongCode(f"that was not the code, and it is void now; {NEW_CODE}")
            # The code goes first: should the disk be full now, it was used up and nobody has a token.
            self._remove(CODE_FILE)
            token = secrets.token_urlsafe(32)
            self._write(TOKENS_FILE, [*self._tokens(), {"hash": _hash(token), "origin": origin}][-PAIRINGS_KEPT:])
            return token

    def knows(self, token: str, origin: str) -> bool:
        """Say whether a page of this origin was given this token."""
        wanted = _hash(token)
        # All are compared, so that the time tells nothing of where in the list one is.
        found = [compare_digest(known["hash"], wanted) for known in self._tokens() if known["origin"] == origin]
        return any(found)

    def forget(self) -> None:
        """End all pairings, and void the open code."""
        self._remove(CODE_FILE)
        self._remove(TOKENS_FILE)

    def _count_try(self) -> None:
        now = self._clock()
        if len(self._tries) == TRIES_PER_MINUTE and 0 <= now - self._tries[0] < 60:  # noqa: PLR2004 - seconds of a minute
            raise TooManyTries(int(60 - (now - self._tries[0])) + 1)
        self._tries.append(now)

    def _tokens(self) -> list[dict[str, str]]:
        tokens: list[dict[str, str]] = self._read(TOKENS_FILE, [])
        return tokens

    def _read(self, name: str, otherwise: Any) -> Any:
        """Return what a file holds; one that is gone, or that somebody broke, holds nothing: then one pairs again."""
        try:
            return json.loads((self._folder / name).read_text("utf-8"))
        except (FileNotFoundError, ValueError):
            return otherwise

    def _write(self, name: str, content: Any) -> None:
        """Replace a file at once, so that the other process never reads half of it; it is private from its first byte."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=self._folder, prefix=f".{name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file)
            Path(temporary).replace(self._folder / name)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)


def _hash(token: str) -> str:
    """Return what is kept of a token: it is random, so one round of SHA-256 is enough."""
    return sha256(token.encode()).hexdigest()
