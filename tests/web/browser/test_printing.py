"""An admin prints cards in a real browser: the sheet in a tab of its own, under its own policy; a page for everybody."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.users.browsing import add_person
from tests.web.browser.test_looks import VIOLATIONS, findings
from tests.web.browser.till import PASSWORD, Shop, Till, at_the_till, open_shop


@pytest.fixture
def admin(shop: Shop, browser: Browser) -> Iterator[Till]:
    """Give a browser whose admin has just signed in, at a pharmacy of their own, and has asked for the page."""
    own = open_shop(shop.home, shop.service)
    with at_the_till(own, browser, [], reduced_motion="reduce") as till:
        till.page.context.add_init_script(VIOLATIONS)
        till.open("/print-cards")
        till.page.get_by_label("Name for signing in").fill(add_person(own.service, own.tenant.id, "admin").login)
        till.page.get_by_label("Password").fill(PASSWORD)
        till.page.get_by_role("button", name="Sign in").click()
        expect(till.page.get_by_role("heading", name="Print cards")).to_be_visible()
        yield till


def sheet_of(admin: Till, button: str) -> Page:
    """Click a button and give the tab it opens, which must be drawn without a complaint."""
    complaints: list[str] = []
    admin.page.context.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    with admin.page.context.expect_page() as opened:
        admin.page.get_by_role("button", name=button, exact=True).click()
    sheet = opened.value
    expect(sheet.locator(".card").first).to_be_visible()
    assert sheet.evaluate("[...document.images].every((one) => one.complete && one.naturalWidth > 0)")
    assert sheet.evaluate("getComputedStyle(document.querySelector('.sheet')).position") == "relative", "its style is taken"
    assert sheet.evaluate("window.opener") is None
    assert sheet.evaluate("window.policyViolations") == []
    assert complaints == []
    return sheet


def test_an_admin_prints_what_waits_and_prints_it_again(admin: Till) -> None:
    names = ["Asha Rao", "रवि मेनन"]
    cards = [admin.shop.card(name=name) for name in names]
    admin.page.get_by_role("link", name="Load this page again").click()
    sheet = sheet_of(admin, "Print 2 cards")
    expect(sheet.locator(".customer")).to_have_text(names)
    sheet.reload()
    expect(sheet.locator(".card")).to_have_count(2)
    second = sheet_of(admin, "Print 2 cards")
    expect(second.locator(".card")).to_have_count(2)

    admin.page.get_by_role("link", name="Load this page again").click()
    expect(admin.locator("#waiting-count")).to_contain_text("No card waits to be printed.")
    expect(sheet_of(admin, "Print again").locator(".card")).to_have_count(2)
    # A reader types the number and Enter, which begins the next line.
    admin.page.get_by_label("Card numbers, typed or scanned, one a line").focus()
    for card in reversed(cards):
        admin.scan(card["cardNumber"])
    expect(sheet_of(admin, "Print these cards").locator(".customer")).to_have_text(names[::-1])


def test_a_card_is_printed_from_the_counter(admin: Till) -> None:
    card = admin.shop.card("500.00")
    admin.page.get_by_role("link", name="Counter").click()
    # The field has the cursor before the scripts run, which put it where the amount is typed.
    admin.page.wait_for_url("**/counter")
    expect(admin.locator("#scan")).to_be_focused()
    admin.scan(card["cardNumber"])
    admin.bill("100")
    expect(sheet_of(admin, "Print card").locator(".card")).to_have_attribute("data-card-id", str(card["id"]))
    expect(admin.value("payable")).to_be_visible()
    assert findings(admin) == []
    admin.page.get_by_role("link", name="Print cards").click()
    expect(admin.locator("#waiting-count")).to_contain_text("No card waits to be printed.")


def test_a_number_that_is_unknown_is_a_sentence(admin: Till) -> None:
    admin.locator("textarea").fill("999999")
    with admin.page.context.expect_page() as opened:
        admin.page.get_by_role("button", name="Print these cards").click()
    refused = opened.value
    expect(refused.get_by_role("alert")).to_contain_text("There is no card with the number “999999”; nothing was printed.")
    expect(refused.locator("textarea")).to_have_value("999999")
    assert findings(Till(admin.shop, refused)) == []


def test_the_page_is_for_everybody(admin: Till) -> None:
    assert findings(admin) == [], "nothing waits, nothing was printed"
    for _ in range(101):
        admin.shop.card()
    admin.open("/print-cards")
    expect(admin.locator("#waiting-remaining")).to_be_visible()
    sheet_of(admin, "Print 100 cards").close()
    admin.open("/print-cards")
    expect(admin.locator("#again-1")).to_be_visible()
    assert findings(admin) == []
    admin.open("/language/hi?next=/print-cards")
    expect(admin.page.get_by_role("heading", name="कार्ड छापें")).to_be_visible()
    assert findings(admin) == []
