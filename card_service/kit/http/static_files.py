"""The files of pages, each named by a fingerprint in its address, so that a browser keeps it until it changes."""

import hashlib
from functools import cached_property
from importlib.resources.abc import Traversable

from flask import Response, abort, request

_YEAR_SECONDS = 365 * 24 * 3600
_FINGERPRINT_LENGTH = 16


class StaticFiles:
    """The files of one folder that may be served: those of a table, read once each."""

    def __init__(self, folder: Traversable, media_types: dict[str, str]) -> None:
        """`media_types` names every file that is served; the tables of the system differ between machines."""
        self.media_types = media_types
        self._folder = folder
        self._contents: dict[str, bytes] = {}
        self._fingerprints: dict[str, str] = {}

    def content(self, name: str) -> bytes:
        """Return a file of the table, read once: together they are a few megabytes."""
        if name not in self._contents:
            self._contents[name] = self._folder.joinpath(name).read_bytes()
        return self._contents[name]

    def fingerprint(self, name: str) -> str:
        """Return what names this content of the file in its address."""
        if name not in self._fingerprints:
            self._fingerprints[name] = _shorten(hashlib.sha256(self.content(name)))
        return self._fingerprints[name]

    @cached_property
    def release(self) -> str:
        """Return what names the contents of all files together; a script finds others of its release beside itself."""
        together = hashlib.sha256()
        for name in sorted(self.media_types):
            together.update(f"{name}={self.fingerprint(name)};".encode())
        return _shorten(together)

    def respond(self, name: str, *, kept: bool) -> Response:
        """Answer a request for a file, or 404; `kept` says that its address changes with its content."""
        if name not in self.media_types:
            abort(404)
        response = Response(self.content(name), mimetype=self.media_types[name])
        if kept:
            # A browser never needs to ask twice.
            response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.set_etag(self.fingerprint(name))
        # Adds nothing but the 304 for a browser that has this content already.
        response.make_conditional(request)
        return response


def _shorten(digest: "hashlib._Hash") -> str:
    return digest.hexdigest()[:_FINGERPRINT_LENGTH]
