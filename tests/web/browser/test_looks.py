"""Every page, light and dark, on a wide screen and a telephone: readable for all, nothing sideways, nothing from elsewhere."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.web.browser.programme import serve_a_programme
from tests.web.browser.till import Shop, Till, at_the_till, open_shop

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text("utf-8")
# WCAG 2.2 AA and all it is built on.
LIGHT = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# The dark is other colours of the same page.
DARK = {"type": "rule", "values": ["color-contrast"]}
FINDINGS = """async (runOnly) => {
  const found = await axe.run(document, { runOnly });
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}"""
VIOLATIONS = """
  window.policyViolations = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.policyViolations.push(`${event.violatedDirective} ${event.blockedURI}`);
  });
"""


def bill(till: Till) -> None:
    """Show a card, and a bill that its points help to pay."""
    till.scan(till.shop.card("500.00")["cardNumber"])
    expect(till.locator("#bill-lines input[name=amount]")).to_be_focused()
    till.locator("#add-line").click()
    till.locator("#bill-lines input[name=amount]").first.fill("1000")
    till.locator("#use-all").check()
    expect(till.value("deducted")).to_have_attribute("data-amount", "50.00")


def offline(till: Till) -> None:
    """Show a card and a kept bill while the service is away."""
    till.page.context.set_offline(True)
    for _ in range(2):
        till.scan("2100018410874174")
        expect(till.locator(".offline-card input[name=amount]")).to_be_focused()
        till.page.keyboard.type("100", delay=40)
        if not till.locator("#queue-list li").count():
            till.page.keyboard.press("Enter")
            expect(till.locator("#queue-list li")).to_have_count(1)


def findings(till: Till) -> list[str]:
    """Ask axe, and look whether the page is wider than its window or was refused anything by its policy."""
    page = till.page
    found = []
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    for scheme, width in product(("light", "dark"), (1280, 360)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two that it takes
        page.set_viewport_size({"width": width, "height": 800})
        found += [f"{scheme}, {width} px: {one}" for one in page.evaluate(FINDINGS, LIGHT if scheme == "light" else DARK)]
        wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{scheme}, {width} px: {wider} px too wide"] if wider > 0 else []
    page.set_viewport_size({"width": 1280, "height": 800})
    found += page.evaluate("window.policyViolations")
    return found


@pytest.fixture
def calm(shop: Shop, browser: Browser, cookies: list[Any]) -> Iterator[Till]:
    """Give a till without movement: what fades in is half read by axe, and by people who asked for none."""
    with at_the_till(shop, browser, cookies, reduced_motion="reduce") as till:
        till.page.add_init_script(VIOLATIONS)
        till.open()
        yield till


def test_axe_would_find_something(calm: Till) -> None:
    calm.page.evaluate("document.getElementById('find-button').textContent = ''; document.body.style.minWidth = '2000px'")
    found = findings(calm)
    assert any("button-name" in one for one in found)
    assert any("too wide" in one for one in found)


def test_serving_a_customer_is_for_everybody(calm: Till) -> None:
    calm.locator("#devices summary").click()
    expect(calm.locator("#sound-on")).to_be_visible()
    found = {"waiting": findings(calm)}
    bill(calm)
    found["bill"] = findings(calm)
    calm.locator("#apply").click()
    expect(calm.locator("#receipt")).to_be_visible()
    found["receipt"] = findings(calm)
    number = calm.locator("#receipt").get_attribute("data-bill-id") or ""

    calm.open("/counter/return")
    found["asking for a bill"] = findings(calm)
    calm.locator("#return-bill").fill(number)
    calm.page.keyboard.press("Enter")
    expect(calm.locator("#return-all")).to_be_visible()
    found["return"] = findings(calm)
    calm.locator("#return-all").click()
    expect(calm.locator("#receipt.return")).to_be_visible()
    found["receipt of the return"] = findings(calm)
    assert {name: what for name, what in found.items() if what} == {}


def test_a_programme_is_for_everybody(shop: Shop, browser: Browser) -> None:
    own = open_shop(shop.home, shop.service)
    card = serve_a_programme(own)
    found = {}
    with at_the_till(own, browser, [], reduced_motion="reduce") as till:
        till.page.add_init_script(VIOLATIONS)
        till.open()
        till.sign_in()
        till.scan(card["cardNumber"])
        till.bill("1000")
        found["before joining"] = findings(till)
        till.page.get_by_role("button", name="Join Autumn").click()
        expect(till.locator("#why")).to_contain_text("Autumn")
        found["bill"] = findings(till)
        till.locator("#apply").click()
        expect(till.value("reached")).to_be_visible()
        found["receipt"] = findings(till)
    assert {name: what for name, what in found.items() if what} == {}


def test_every_other_page_is_for_everybody(shop: Shop, browser: Browser, cookies: list[Any]) -> None:
    found = {}
    # A refused scan and a service that is away are written down by the browser as errors.
    with at_the_till(shop, browser, cookies, clean=False, reduced_motion="reduce") as till:
        till.page.add_init_script(VIOLATIONS)
        till.open("/account")
        found["account"] = findings(till)
        till.open()
        for name in ("Sunil Gavaskar", "Sunil Narine"):
            shop.card("0", name=name)
        till.page.keyboard.type("sunil", delay=40)
        till.page.keyboard.press("Enter")
        expect(till.locator("#results")).to_be_visible()
        found["several"] = findings(till)
        till.scan("9999999999999999")
        expect(till.locator("#enrol")).to_be_visible()
        found["nobody"] = findings(till)
        offline(till)
        found["offline"] = findings(till)
        till.page.context.set_offline(False)
        till.page.context.clear_cookies()
        till.open()
        expect(till.page.get_by_label("Password")).to_be_visible()
        found["sign in"] = findings(till)
    assert {name: what for name, what in found.items() if what} == {}


def test_nothing_moves_for_those_who_asked_for_no_movement(calm: Till) -> None:
    bill(calm)
    moving = calm.page.evaluate(
        """[...document.querySelectorAll("*")].filter((one) => {
          const style = getComputedStyle(one);
          return parseFloat(style.transitionDuration) > 0 || style.animationName !== "none";
        }).length"""
    )
    assert moving == 0


def test_the_focus_can_always_be_seen(till: Till) -> None:
    bill(till)
    till.locator("#scan").focus()
    for _ in range(12):
        till.page.keyboard.press("Tab")
        outline = till.page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert outline >= 2, till.page.evaluate("document.activeElement.outerHTML")
