"""The files of the counter page, and the script that keeps the page when the service cannot be reached.

All files of one state share one address, `/static/<release>/...`: a script imports the others beside itself, and a
browser keeps all of them until one changes.
"""

import json
from importlib.resources import files

from flask import Blueprint, Response, url_for

from card_service.kit.http.static_files import StaticFiles
from card_service.web.session import open_to_all

SCRIPT = "text/javascript"
STYLE = "text/css"

ASSETS = {
    "counter/acceptance.js": SCRIPT,
    "counter/agent.js": SCRIPT,
    "counter/amounts.js": SCRIPT,
    "counter/balances.js": SCRIPT,
    "counter/bill.js": SCRIPT,
    "counter/camera-button.js": SCRIPT,
    "counter/camera.js": SCRIPT,
    "counter/counter.css": STYLE,
    "counter/counter.js": SCRIPT,
    "counter/earns.js": SCRIPT,
    "counter/icon.svg": "image/svg+xml",
    "counter/keyboard.js": SCRIPT,
    "counter/network.js": SCRIPT,
    "counter/offline.js": SCRIPT,
    "counter/queue.js": SCRIPT,
    "counter/scan.js": SCRIPT,
    "counter/session.js": SCRIPT,
    "counter/shell.js": SCRIPT,
    "counter/sign-out.js": SCRIPT,
    "counter/sound.js": SCRIPT,
    "counter/store.js": SCRIPT,
    "counter/texts.js": SCRIPT,
    "htmx/htmx.min.js": SCRIPT,
    "pico/pico.min.css": STYLE,
    "zxing_wasm/es/reader/index.js": SCRIPT,
    "zxing_wasm/es/share.js": SCRIPT,
    "zxing_wasm/reader/zxing_reader.wasm": "application/wasm",
}
"""Every file the pages load, with its media type."""
WORKER = "counter/service-worker.js"

_STATIC = files(__package__) / "static"
_FILES = StaticFiles(_STATIC, ASSETS)
_WORKERS = StaticFiles(_STATIC, {WORKER: SCRIPT})

blueprint = Blueprint("assets", __name__)


def asset_url(name: str) -> str:
    """Return the address of a file for a template; raises KeyError for one that is not served."""
    if name not in ASSETS:
        raise KeyError(name)
    return url_for("assets.asset", release=_FILES.release, name=name)


@blueprint.app_template_global("asset_url")
def _asset_url(name: str) -> str:
    return asset_url(name)


@blueprint.get("/static/<release>/<path:name>", provide_automatic_options=False)
@open_to_all
def asset(release: str, name: str) -> Response:
    """Serve a file; a page of an older release gets the present file, and does not keep it."""
    return _FILES.respond(name, kept=release == _FILES.release)


@blueprint.get("/counter/service-worker.js", provide_automatic_options=False)
@open_to_all
def service_worker() -> Response:
    """Serve the script that keeps the counter page, with the addresses of what it keeps written before it."""
    kept = {
        "release": _FILES.release,
        "page": url_for("counter.page"),
        "files": [asset_url(name) for name in ASSETS],
    }
    script = f"const KEPT = {json.dumps(kept)};\n".encode() + _WORKERS.content(WORKER)
    response = Response(script, mimetype=SCRIPT)
    response.headers["Cache-Control"] = "no-cache"
    # It stands for the page itself, which is one level above the script's own address.
    response.headers["Service-Worker-Allowed"] = url_for("counter.page")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; connect-src 'self'"
    return response
