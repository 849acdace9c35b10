"""The files of the counter page: complete, unchanged vendored files, nothing from elsewhere, and kept by the browser."""

import hashlib
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from card_service.web.assets import ASSETS, WORKER, blueprint

STATIC = Path(str(files("card_service.web"))) / "static"
AXE = Path(__file__).parent / "browser" / "axe"
VENDORED = (STATIC / "htmx", STATIC / "pico", STATIC / "zxing_wasm", AXE)


def make_app() -> Flask:
    """Return a service that has only the files, and a page to keep."""
    app = Flask("assets", static_folder=None)
    app.register_blueprint(blueprint)
    app.add_url_rule("/counter", "counter.page", lambda: "")
    return app


@pytest.fixture
def client() -> FlaskClient:
    return make_app().test_client()


def worker(client: FlaskClient, **overrides: str) -> dict[str, object]:
    """Ask for the worker's script and give what it is to keep."""
    script = client.get("/counter/service-worker.js", environ_overrides=overrides).text
    said = re.match(r"const KEPT = (\{.*\});\n", script)
    assert said is not None
    kept: dict[str, object] = json.loads(said[1])
    return kept


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_vendored_files_are_those_of_the_package(folder: Path) -> None:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found - {"SHA256SUMS", "VERSION"} == set(sums)
    assert {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sums} == sums
    assert "LICENSE" in sums
    version = re.match(r"[@\w./-]+ (\d+\.\d+\.\d+) \(npm package, unchanged", (folder / "VERSION").read_text())
    assert version is not None
    # The wasm has no place for its version; the script beside it has.
    assert any(version[1] in path.read_text("utf-8") for path in folder.rglob("*.[jc]s*"))


def test_every_script_and_style_is_served_and_no_other_file() -> None:
    found = {path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file()}
    papers = re.compile(r".*/(?:VERSION|SHA256SUMS|LICENSE[\w.-]*)")
    assert set(ASSETS) == {name for name in found if not papers.fullmatch(name)} - {WORKER}


def test_scripts_import_only_what_is_served() -> None:
    for name in (name for name in ASSETS if name.startswith("counter/") and name.endswith(".js")):
        text = (STATIC / name).read_text("utf-8")
        for address in re.findall(r"""(?:from|import)\(?\s*["']([^"']+)["']""", text):
            assert (STATIC / name).parent.joinpath(address).resolve().relative_to(STATIC).as_posix() in ASSETS


def test_own_files_name_no_other_machine() -> None:
    for path in (STATIC / "counter").iterdir():
        addresses = re.findall(r"https?://[^\s\"'`/]+", path.read_text("utf-8"))
        # The scanner's agent on this very machine, and the name of SVG, which nobody fetches.
        assert set(addresses) <= {"http://127.0.0.1:8765", "http://www.w3.org"}


def test_the_style_sheets_fetch_nothing() -> None:
    for name in (name for name in ASSETS if name.endswith(".css")):
        css = (STATIC / name).read_text("utf-8")
        addresses = re.findall(r"url\(\s*[\"']?([^\"')]{0,40})", css)
        assert [address for address in addresses if not address.startswith("data:image/")] == []
        assert "@import" not in css


@pytest.mark.parametrize(("name", "media_type"), ASSETS.items())
def test_files_are_kept_by_the_browser_until_one_changes(client: FlaskClient, name: str, media_type: str) -> None:
    release = worker(client)["release"]
    answer = client.get(f"/static/{release}/{name}")
    assert answer.data == (STATIC / name).read_bytes()
    assert answer.mimetype == media_type
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/static/{'0' * 16}/{name}").headers["Cache-Control"] == "no-cache"
    unchanged = client.get(f"/static/{release}/{name}", headers={"If-None-Match": answer.headers["ETag"]})
    assert unchanged.status_code == 304


@pytest.mark.parametrize("name", ["../assets.py", "%2e%2e/assets.py", "htmx/", "htmx/LICENSE", WORKER, "nothing.js", ""])
def test_nothing_else_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{worker(client)['release']}/{name}").status_code == 404


def test_the_worker_may_stand_for_the_page_and_keeps_every_file(client: FlaskClient) -> None:
    answer = client.get("/counter/service-worker.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/counter"
    assert answer.headers["Cache-Control"] == "no-cache"
    kept = worker(client)
    assert kept["page"] == "/counter"
    assert kept["files"] == [f"/static/{kept['release']}/{name}" for name in ASSETS]


def test_a_prefix_before_the_whole_service_is_kept(client: FlaskClient) -> None:
    kept = worker(client, SCRIPT_NAME="/loyalty")
    assert kept["page"] == "/loyalty/counter"
    assert isinstance(kept["files"], list)
    assert all(name.startswith("/loyalty/static/") for name in kept["files"])
