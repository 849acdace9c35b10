"""The page /docs shows the real document in a real browser."""

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.openapi.serve import served
from tests.openapi.test_document import OPERATIONS
from tests.patience import PATIENCE_SECONDS
from tests.servers.clients import in_process
from tests.servers.service import Service

# A machine with other things to do draws a page of so many operations later than Playwright's five seconds.
expect.set_options(timeout=1000 * PATIENCE_SECONDS)


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Give Debian's chromium."""
    chromium = shutil.which("chromium")
    assert chromium is not None, "The tests need Debian's chromium; type: sudo apt-get install chromium"
    with sync_playwright() as playwright:
        # Without the sandbox, which needs privileges that a container does not have; it only opens the page under test.
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_balance_is_asked_for_on_the_page(browser: Browser, service: Service) -> None:
    tenant = service.tenant()
    card = tenant.admin.post("/cards", {"customerName": "Asha Rao"}).json
    complaints: list[str] = []
    foreign: list[str] = []
    with served(service.app) as home:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda sent: None if sent.url.startswith((home, "data:")) else foreign.append(sent.url))
        page.goto(f"{home}/docs")
        expect(page.get_by_text("OAS 3.1")).to_be_visible()
        expect(page.locator(".opblock")).to_have_count(len(OPERATIONS))

        page.get_by_role("button", name="Authorize").first.click()
        page.locator(".modal-ux input").fill(tenant.keys["cashier"])
        page.locator(".modal-ux").get_by_role("button", name="Apply credentials").click()
        page.locator(".modal-ux").get_by_role("button", name="Close").click()

        operation = page.locator("#operations-cards-cards_get_balance")
        operation.locator(".opblock-summary-control").click()
        expect(operation.locator(".responses-table").first).to_contain_text("CARD_NOT_FOUND")
        operation.get_by_role("button", name="Try it out").click()
        operation.get_by_placeholder("id").fill(str(card["id"]))
        operation.get_by_role("button", name="Execute").click()
        answer = operation.locator(".live-responses-table")
        expect(answer.locator(".response-col_status").last).to_contain_text("200")
        expect(answer.locator(".response-col_description").last).to_contain_text(card["cardNumber"])

        earn = page.locator("#operations-billing-billing_earn_points")
        earn.locator(".opblock-summary-control").click()
        expect(earn.locator(".responses-table").first).to_contain_text("BILL_ALREADY_EARNED")
        page.close()
    assert (complaints, foreign) == ([], [])


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_page_reads_the_document_of_the_service(service: Service) -> None:
    sent = in_process(service.app, "10.9.9.9")("GET", "/docs", {}, b"")
    assert 'data-openapi-url="/openapi.json"' in sent.text
    assert json.loads(service.root.get("/openapi.json").text)["info"]["title"] == "Card service"
