"""A pharmacy behind a port, and a till: one browser page of somebody who is signed in."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from card_service.kit.auth.passwords import hash_password
from card_service.kit.context import Context, utc_now
from card_service.users.create import CreatePerson, create_person
from tests.patience import PATIENCE_SECONDS
from tests.servers.clients import Tenant
from tests.servers.service import Service

PASSWORD = "correct horse battery"  # noqa: S105 - of people who live for one test
MEDICINES, BABY_FOOD = 1, 2
CREATED, REFUSED = 201, 400
# From key to key of a reader set to be quick.
WEDGE_SECONDS = 0.005
_numbers = count(1)


@dataclass(frozen=True)
class Shop:
    """A tenant with two categories, served at `home`."""

    home: str
    service: Service
    tenant: Tenant
    login: str

    def card(self, points: str = "0", name: str = "Asha Rao") -> dict[str, Any]:
        """Issue a card, with points to start with."""
        card: dict[str, Any] = self.tenant.admin.post("/cards", {"customerName": name}).json
        if points != "0":
            body = {"points": points, "reason": "Points to start with"}
            assert self.tenant.admin.post(f"/cards/{card['id']}/adjust-points", body).status < REFUSED
        return card

    def balance(self, card: dict[str, Any]) -> str:
        """Ask the API for the balance of a card."""
        return str(self.tenant.admin.get(f"/cards/{card['id']}/balance").json["pointsBalance"])

    def transactions(self, card: dict[str, Any]) -> list[dict[str, Any]]:
        """Ask the API for what was posted on a card."""
        items: list[dict[str, Any]] = self.tenant.admin.get(f"/cards/{card['id']}/transactions").json["items"]
        return items


def open_shop(home: str, service: Service) -> Shop:
    """Make the tenant, its categories and a cashier."""
    tenant = service.tenant()
    for category, (name, percentage) in {MEDICINES: ("Medicines", "2.00"), BABY_FOOD: ("Baby food", "1.00")}.items():
        body = {"categoryId": category, "categoryName": name, "pointPercentage": percentage}
        assert tenant.admin.post("/card-config/categories", body).status == CREATED
    assert tenant.admin.post("/card-config/enable").status < REFUSED
    login = f"meera-{next(_numbers)}"
    request = CreatePerson(login=login, name="Meera Iyer", role="cashier", password_hash=hash_password(PASSWORD))
    service.app.extensions["database"].transact(create_person, Context(tenant.id, "the tests", utc_now()), request)
    return Shop(home, service, tenant, login)


@dataclass
class Till:
    """A page at the counter, with everything it asked for and complained about."""

    shop: Shop
    page: Page
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note everything from now on."""
        self.page.set_default_timeout(1000 * PATIENCE_SECONDS)
        self.page.on("request", self._note_request)
        self.page.on("console", lambda line: self._complain(line.text) if line.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self._complain(str(error)))

    def _note_request(self, sent: Request) -> None:
        if not sent.url.startswith((self.shop.home, "data:", "blob:")):
            self.foreign.append(sent.url)

    def _complain(self, text: str) -> None:
        self.complaints.append(text)

    def open(self, path: str = "/counter") -> None:
        """Open a page of the service."""
        self.page.goto(f"{self.shop.home}{path}")

    def sign_in(self) -> None:
        """Sign in by hand, from wherever the service sent us."""
        self.page.get_by_label("Name for signing in").fill(self.shop.login)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.locator("#scan")).to_be_focused()

    def scan(self, number: str) -> None:
        """Do what a keyboard wedge does: type the number wherever the cursor is, and Enter."""
        # Not before its scripts: a reader quicker than they are sends the form itself.
        self.page.wait_for_load_state("load")
        self.read_by_wedge(f"{number}\r")

    def read_by_wedge(self, digits: str) -> None:
        """Send keys with the times of a reader: the page knows it by them, not by when a busy machine delivers the keys."""
        keys, began = self.page.context.new_cdp_session(self.page), time.time()
        for place, digit in enumerate(digits):
            name, code = ("Enter", "Enter") if digit == "\r" else (digit, f"Digit{digit}")
            key = {"key": name, "code": code, "windowsVirtualKeyCode": ord(digit), "timestamp": began + place * WEDGE_SECONDS}
            keys.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": digit, **key})
            keys.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
        keys.detach()

    def locator(self, selector: str) -> Locator:
        """Find an element."""
        return self.page.locator(selector)

    def value(self, name: str) -> Locator:
        """Find a figure of the preview or the receipt."""
        return self.page.locator(f'[data-value="{name}"]')

    def bill(self, amount: str) -> None:
        """Type the amount of the first line, which the cursor is in, and wait for its preview."""
        expect(self.locator("#bill-lines input[name=amount]").first).to_be_focused()
        self.page.keyboard.type(amount, delay=40)
        expect(self.value("payable")).to_be_visible()


@contextmanager
def at_the_till(shop: Shop, browser: Browser, cookies: list[Any], *, clean: bool = True, **options: Any) -> Iterator[Till]:
    """Give a till with a browser of its own; with `clean`, its page must not have complained nor asked elsewhere."""
    context: BrowserContext = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
    context.add_cookies(cookies)
    till = Till(shop, context.new_page())
    try:
        yield till
        assert till.foreign == []
        if clean:
            assert till.complaints == []
    finally:
        context.close()


def keep_page(page: Page) -> None:
    """Wait until the browser keeps the page itself."""
    page.evaluate(
        """async () => {
          await navigator.serviceWorker.ready;
          for (let tries = 0; tries < 100; tries += 1) {
            if (await caches.match("/counter", { cacheName: "counter-shell" })) return;
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
          throw new Error("The page was not kept.");
        }"""
    )


def keep_bill(till: Till, card: dict[str, Any], amount: str) -> None:
    """Keep a bill while the service is away."""
    till.scan(card["cardNumber"])
    expect(till.locator(".offline-card input[name=amount]")).to_be_focused()
    till.page.keyboard.type(amount, delay=40)
    till.page.keyboard.press("Enter")
    expect(till.locator("#messages")).to_contain_text("is kept on this machine")
