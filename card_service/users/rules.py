"""What a login and a password may be, how long a session lives, and how long failures lock: pure functions."""

import re
from datetime import datetime, timedelta

LONGEST_LIFE = timedelta(hours=12)
"""A session ends so long after its sign-in, whatever is done in it."""
LONGEST_IDLE = timedelta(minutes=60)
TOUCH_EVERY = timedelta(minutes=1)
"""The last use is written so often, or every look at a page would be a write."""
FREE_FAILURES = 5
LONGEST_LOCK = timedelta(minutes=15)
FORGET_FAILURES = timedelta(hours=24)
LEAST_CHARACTERS, MOST_BYTES, LEAST_DIFFERENT = 10, 1000, 3
LONGEST_NAME = 100
_LOGIN = re.compile(r"[!-~]{3,100}\Z")
_ENDS = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_NO_LETTERS = re.compile(r"[\W\d_]+")
# The commonest of ten characters and more, without the digits and signs at their ends; shorter ones are refused anyway.
_COMMON = frozenset(
    (
        *("password", "passwort", "passw0rd", "p@ssword", "p@ssw0rd", "passwordpassword", "mypassword", "pass", "secret"),
        *("qwerty", "qwertyuiop", "qwertyui", "qwertz", "asdfghjkl", "asdfghjk", "zxcvbnm", "qazwsxedc", "qazwsx", "asdf"),
        *("administrator", "admin", "adminadmin", "user", "login", "guest", "default", "computer", "internet", "master"),
        *("welcome", "letmein", "changeme", "iloveyou", "sunshine", "princess", "superman", "starwars", "trustno", "whatever"),
        *("football", "cricket", "monkey", "dragon", "shadow", "michael", "abcdef", "abcd", "abc", "test", "testtest", "testing"),
        *("pharmacy", "medicine", "chemist", "cashier", "counter", "apothecary", "hospital", "doctor", "india", "bharat"),
    )
)
_SEQUENCES = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_ALSO_COMMON = frozenset(
    ("1q2w3e4r5t", "1q2w3e4r5t6y", "q1w2e3r4t5", "1qaz2wsx3edc", "zaq12wsxcde", "a1b2c3d4e5", "123qweasdzxc", "1122334455")
)


def normal_login(text: str) -> str | None:
    """Write a login as it is stored, in small letters; None if it can be none."""
    text = text.strip()
    return text.lower() if _LOGIN.match(text) else None


def why_not(password: str, login: str, *names: str) -> str | None:
    """Say why a password is refused, None if it is not; `names` are words as easy to guess as the login.

    Length is what counts: there is no rule about signs and digits, which only makes people write `Password1!`.
    """
    if len(password) < LEAST_CHARACTERS:
        return f"The password must have at least {LEAST_CHARACTERS} characters: three or four words in a row are a good one."
    if len(password.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return f"The password must have at most {MOST_BYTES} bytes."
    if "\x00" in password or "\n" in password or "\r" in password:
        return "The password must be one line of text."
    plain = "".join(password.casefold().split())
    if plain == login or _letters(plain) in {_letters(name) for name in (login, *names)} - {""}:
        return "The password is the login, the person's name or the pharmacy's: choose another that nobody guesses."
    is_row = len(set(plain)) < LEAST_DIFFERENT or any(plain in row for row in _SEQUENCES)
    if is_row or plain in _ALSO_COMMON or _ENDS.sub("", plain) in _COMMON:
        return "The password is one of the commonest: choose another that nobody guesses."
    return None


def _letters(text: str) -> str:
    return _NO_LETTERS.sub("", text.casefold())


def locked_until(failures: int, now: datetime) -> datetime | None:
    """Tell until when so many failures in a row lock a login: the first five are free, then 2, 4, 8 ... seconds."""
    beyond = failures - FREE_FAILURES
    if beyond <= 0:
        return None
    return now + min(timedelta(seconds=2 ** min(beyond, 20)), LONGEST_LOCK)


def is_over(created_at: datetime, last_seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Tell whether a session has lived too long or lain unused for too long."""
    return now >= expires_at or now - last_seen_at >= LONGEST_IDLE or now - created_at >= LONGEST_LIFE
