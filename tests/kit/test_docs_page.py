"""The interactive API page: complete, unchanged vendored files, nothing from elsewhere, and it works in a browser."""

import hashlib
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright
from werkzeug.serving import make_server

from card_service.kit.docs.page import ASSETS, CONTENT_SECURITY_POLICY, docs_blueprint
from tests.patience import PATIENCE_SECONDS

STATIC = Path(str(files("card_service.kit.docs"))) / "static"
SWAGGER_UI = STATIC / "swagger_ui"
KEY = "ck_test_0123456789abcdef"
# A machine with other things to do draws a page later than Playwright's five seconds.
expect.set_options(timeout=1000 * PATIENCE_SECONDS)
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Card service", "version": "1", "summary": "A field that only OpenAPI 3.1 has"},
    "paths": {
        "/api/v1/cards/{id}/balance": {
            "get": {
                "operationId": "getBalance",
                "summary": "Points of a card",
                "tags": ["cards"],
                "security": [{"apiKey": []}],
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "responses": {
                    "200": {
                        "description": "The balance",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Balance"}}},
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Balance": {
                "type": "object",
                "properties": {
                    "cardId": {"type": "integer"},
                    "pointsBalance": {"type": "number", "examples": [125.00]},
                    "note": {"type": ["string", "null"]},
                },
            }
        },
        "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer"}},
    },
}


def make_app() -> Flask:
    """Return a service of one operation, which only answers to `KEY`."""
    app = Flask("documented", static_folder=None)
    app.register_blueprint(docs_blueprint("/openapi.json"))

    @app.get("/openapi.json")
    def document() -> ResponseReturnValue:
        return jsonify(DOCUMENT)

    @app.get("/api/v1/cards/<int:card_id>/balance")
    def balance(card_id: int) -> ResponseReturnValue:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return jsonify(code="UNAUTHENTICATED"), 401
        return jsonify(cardId=card_id, pointsBalance=125.00, note=None)

    return app


@pytest.fixture
def client() -> FlaskClient:
    return make_app().test_client()


def test_vendored_files_are_those_of_the_package() -> None:
    lines = (SWAGGER_UI / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    vendored = {path.name for path in SWAGGER_UI.iterdir()} - {"SHA256SUMS", "VERSION"}
    assert vendored == set(sums)
    assert {name: hashlib.sha256((SWAGGER_UI / name).read_bytes()).hexdigest() for name in sums} == sums
    assert {"LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"} <= vendored
    version = re.match(r"swagger-ui-dist (\d+\.\d+\.\d+) ", (SWAGGER_UI / "VERSION").read_text())
    assert version is not None
    assert f'"{version[1]}"' in (SWAGGER_UI / "swagger-ui-bundle.js").read_text()


def test_the_page_names_only_files_of_its_own(client: FlaskClient) -> None:
    html = client.get("/docs").text
    assert "<title>Card service API</title>" in html
    assert 'data-openapi-url="/openapi.json"' in html
    assert not re.search(r"https?:|//", html)
    loaded = re.findall(r'<(?:script src|link [^>]*href)="([^"]+)"', html)
    assert len(loaded) == len(ASSETS)
    for address in loaded:
        assert address.startswith("/docs/static/")
        assert client.get(address).status_code == 200
    # No script and no style in the page itself: the policy would not run them.
    assert re.findall(r"<script[^>]*>", html) == re.findall(r"<script[^>]*>(?=</script>)", html)
    assert "<style" not in html
    assert not re.search(r"\s(?:style|on\w+)=", html)
    for own in ("docs.css", "docs.js"):
        assert not re.search(r"https?://", (STATIC / own).read_text())


def test_the_style_sheet_fetches_nothing() -> None:
    css = (SWAGGER_UI / "swagger-ui.css").read_text()
    addresses = re.findall(r"url\(\s*[\"']?([^\"')]{0,40})", css)
    assert addresses
    assert [address for address in addresses if not address.startswith("data:image/")] == []
    assert "@import" not in css


def test_the_policy_allows_this_host_only(client: FlaskClient) -> None:
    headers = client.get("/docs").headers
    assert headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    loosened = {directive: value for directive, value in policy.items() if value not in {"'none'", "'self'"}}
    assert loosened == {"img-src": "'self' data:"}
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("name", "media_type"), ASSETS.items())
def test_files_are_kept_by_the_browser_until_they_change(client: FlaskClient, name: str, media_type: str) -> None:
    named = re.search(rf'"(/docs/static/{re.escape(name)}\?v=[0-9a-f]+)"', client.get("/docs").text)
    assert named is not None
    answer = client.get(named[1])
    assert answer.data == (STATIC / name).read_bytes()
    assert answer.mimetype == media_type
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(f"/docs/static/{name}?v=0").headers["Cache-Control"] == "no-cache"
    unchanged = client.get(f"/docs/static/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert unchanged.status_code == 304
    assert client.get("/docs").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["../page.py", "%2e%2e/page.py", "swagger_ui/", "swagger_ui/LICENSE", "nothing.js", ""])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/docs/static/{name}").status_code == 404


def test_a_prefix_before_the_whole_service_is_kept(client: FlaskClient) -> None:
    html = client.get("/docs", environ_overrides={"SCRIPT_NAME": "/loyalty"}).text
    assert 'data-openapi-url="/loyalty/openapi.json"' in html
    assert html.count('"/loyalty/docs/static/') == len(ASSETS)


@dataclass
class Visit:
    """What a browser asked for and complained about while it showed the page."""

    home: str
    foreign: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note everything from now on."""
        page.on("request", self._note_request)
        page.on("requestfailed", lambda failed: self.failed.append(failed.url))
        page.on("console", lambda line: self.complaints.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note_request(self, sent: Request) -> None:
        if not sent.url.startswith((self.home, "data:")):
            self.foreign.append(sent.url)


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium is not None, "The tests need Debian's chromium; type: sudo apt-get install chromium"
    with sync_playwright() as playwright:
        # Without the sandbox, which needs privileges that a container does not have; it only opens the page under test.
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_an_operation_is_tried_with_a_key(browser: Browser, home: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    visit = Visit(home)
    visit.watch(page)
    page.goto(f"{home}/docs")
    expect(page).to_have_title("Card service API")
    expect(page.get_by_text("Points of a card")).to_be_visible()
    expect(page.get_by_text("OAS 3.1")).to_be_visible()

    page.get_by_role("button", name="Authorize").click()
    dialog = page.locator(".modal-ux")
    dialog.locator("input").fill(KEY)
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close").click()

    operation = page.locator(".opblock")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_placeholder("id").fill("7")
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    expect(answer.locator(".response-col_status").last).to_contain_text("200")
    expect(answer.locator(".response-col_description").last).to_contain_text('"pointsBalance": 125')

    # Nothing may stick out: the page scrolls down, never sideways.
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
    assert visit == Visit(home)
