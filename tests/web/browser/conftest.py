"""The counter in a real browser: one service behind a port and one browser for all tests of this folder."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from card_service.app import create_app
from config.settings import Settings
from tests.openapi.serve import served
from tests.patience import PATIENCE_SECONDS
from tests.servers.clock import Clock
from tests.servers.databases import sqlite_database
from tests.servers.service import Service
from tests.web.browser.till import Shop, Till, at_the_till, open_shop

# Without the sandbox, which needs privileges that a container does not have; it only opens the page under test.
ARGUMENTS = ["--no-sandbox"]
expect.set_options(timeout=1000 * PATIENCE_SECONDS)


def chromium() -> str:
    """Find Debian's chromium; Playwright's own download is not used."""
    found = shutil.which("chromium")
    assert found is not None, "The tests need Debian's chromium; type: sudo apt-get install chromium"
    return found


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Give Debian's chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Give a pharmacy on SQLite, whose clock is the browser's."""
    database = sqlite_database(tmp_path_factory.mktemp("counter"))
    service = Service(create_app(Settings(database_url=database.url)), database, Clock())
    with served(service.app) as home:
        yield open_shop(home, service)


@pytest.fixture(scope="package")
def cookies(shop: Shop, browser: Browser) -> list[Any]:
    """Sign in once for all tests."""
    with at_the_till(shop, browser, []) as till:
        till.open()
        till.sign_in()
        return till.page.context.cookies()


@pytest.fixture
def till(shop: Shop, browser: Browser, cookies: list[Any]) -> Iterator[Till]:
    """Give the counter page, signed in, waiting for a scan."""
    with at_the_till(shop, browser, cookies) as ready:
        ready.open()
        yield ready
