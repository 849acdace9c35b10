"""Signing in and out in a real browser, which takes Secure cookies of this machine's own address and no others."""

from playwright.sync_api import Browser, expect

from tests.users.browsing import PASSWORD, SESSION, add_person
from tests.web.browser.till import Shop


def _sign_in(browser: Browser, shop: Shop, *, script: bool) -> None:
    person = add_person(shop.service, shop.service.tenant().id)
    complaints: list[str] = []
    foreign: list[str] = []
    context = browser.new_context(java_script_enabled=script)
    page = context.new_page()
    page.on("console", lambda line: complaints.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda sent: None if sent.url.startswith(shop.home) else foreign.append(sent.url))
    page.goto(f"{shop.home}/account")
    assert page.url == f"{shop.home}/sign-in?next=%2Faccount"
    expect(page.get_by_label("Name for signing in")).to_be_focused()
    page.get_by_label("Name for signing in").fill(person.login)
    page.get_by_label("Password").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Wrong name or password, or too many tries.")
    expect(page.get_by_label("Name for signing in")).to_have_value(person.login)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My account")).to_be_visible()
    assert page.url == f"{shop.home}/account"
    (cookie,) = [one for one in context.cookies() if one.get("name") == SESSION]
    assert (cookie.get("secure"), cookie.get("httpOnly"), cookie.get("sameSite")) == (True, True, "Lax")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert SESSION not in {one.get("name") for one in context.cookies()}
    page.go_back()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()
    # A browser writes a line for each page of status 4xx, and the wrong password is one.
    assert [line for line in complaints if "403" not in line] == []
    assert foreign == []


def test_a_person_signs_in_and_out(browser: Browser, shop: Shop) -> None:
    _sign_in(browser, shop, script=True)


def test_a_person_signs_in_and_out_without_a_script(browser: Browser, shop: Shop) -> None:
    _sign_in(browser, shop, script=False)
