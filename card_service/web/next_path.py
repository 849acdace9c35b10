"""Where to go after signing in: a path of this service and nothing else."""

import re
from urllib.parse import urlencode, urlsplit

from flask import request

SIGN_IN = "/sign-in"
DEFAULT = "/counter"
LONGEST = 500
# One slash and then none, nor a backslash, which browsers read as one: //host and /\host are other sites.
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*\Z")


def local_path(text: str | None) -> str:
    """Give the path if it is one of ours, else the counter."""
    if not text or len(text) > LONGEST or not _PATH.match(text):
        return DEFAULT
    if text.partition("?")[0].rstrip("/") in {SIGN_IN, "/sign-out", "/sign-out-everywhere"}:
        return DEFAULT
    return text


def sign_in_address(next_path: str) -> str:
    """Give the address of the page for signing in, which leads back to `next_path`."""
    path = local_path(next_path)
    return SIGN_IN if path == DEFAULT else f"{SIGN_IN}?{urlencode({'next': path})}"


def path_of(url: str | None) -> str | None:
    """Give the path and query of an address of this very host, such as a page names in a header; None for others."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.netloc != request.host:
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
