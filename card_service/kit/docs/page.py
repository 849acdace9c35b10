"""Serves the interactive API page at /docs and the files it is made of."""

import hashlib
from functools import cache
from importlib.resources import files

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for

ASSETS = {
    "docs.css": "text/css",
    "docs.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "swagger_ui/swagger-ui.css": "text/css",
    "swagger_ui/swagger-ui-bundle.js": "text/javascript",
}
"""Every file the page loads, with its media type; the tables of the system differ between machines."""

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    # The one thing loosened: Swagger UI's style sheet carries its icons as data: URLs.
    "img-src": "'self' data:",
    # The document itself, and the calls made with "Try it out".
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
"""What the page may do: use files and calls of this very host, without inline code, inline style or eval."""

CONTENT_SECURITY_POLICY = "; ".join(f"{directive} {sources}" for directive, sources in POLICY.items())

_STATIC = files(__package__) / "static"
_YEAR_SECONDS = 365 * 24 * 3600


def docs_blueprint(openapi_url: str) -> Blueprint:
    """Return the blueprint of `GET /docs`, the page that shows and tries the API described at `openapi_url`.

    `openapi_url` is a path of this service (`/openapi.json`); a prefix under which the whole service is
    mounted is added. The page and its files need no credentials: the document they show is public, a key is
    typed into the page by its user, kept in memory only and forgotten when the page is closed.
    """
    blueprint = Blueprint("docs", __name__, template_folder="templates")

    @blueprint.get("/docs")
    def page() -> Response:
        html = render_template(
            "docs/page.html",
            openapi_url=request.script_root + openapi_url,
            assets={name: url_for("docs.asset", name=name, v=_fingerprint(name)) for name in ASSETS},
        )
        response = make_response(html)
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        # The page names its files by fingerprint, so it has to be asked for again after an update.
        response.headers["Cache-Control"] = "no-cache"
        return response

    @blueprint.get("/docs/static/<path:name>")
    def asset(name: str) -> Response:
        if name not in ASSETS:
            abort(404)
        response = Response(_content(name), mimetype=ASSETS[name])
        if request.args.get("v") == _fingerprint(name):
            # The address changes with the content, so a browser never needs to ask twice.
            response.headers["Cache-Control"] = f"public, max-age={_YEAR_SECONDS}, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.set_etag(_fingerprint(name))
        # Adds nothing but the 304 for a browser that has this content already.
        response.make_conditional(request)
        return response

    return blueprint


@cache
def _content(name: str) -> bytes:
    """Return a file, read once: all of them are 1.9 MB, and the caller names only those of `ASSETS`."""
    return (_STATIC / name).read_bytes()


@cache
def _fingerprint(name: str) -> str:
    """Return what names this content of the file in its address."""
    return hashlib.sha256(_content(name)).hexdigest()[:16]
