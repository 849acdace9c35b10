"""Serves the interactive API page at /docs and the files it is made of."""

from importlib.resources import files

from flask import Blueprint, Response, make_response, render_template, request, url_for

from card_service.kit.http.static_files import StaticFiles

ASSETS = {
    "docs.css": "text/css",
    "docs.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "swagger_ui/swagger-ui.css": "text/css",
    "swagger_ui/swagger-ui-bundle.js": "text/javascript",
}
"""Every file the page loads, with its media type."""

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

_FILES = StaticFiles(files(__package__) / "static", ASSETS)


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
            assets={name: url_for("docs.asset", name=name, v=_FILES.fingerprint(name)) for name in ASSETS},
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
        return _FILES.respond(name, kept=name in ASSETS and request.args.get("v") == _FILES.fingerprint(name))

    return blueprint
