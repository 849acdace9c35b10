"""The counter without the service: nothing is lost, nothing counts twice, and the cashier is told."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from card_service.kit.context import utc_now
from tests.web.browser.till import PASSWORD, Shop, Till, at_the_till, keep_bill, keep_page, open_shop

SENT = '#queue-list li[data-state="sent"]'
WAITING = '#queue-list li[data-state="waiting"]'
REFUSED = '#queue-list li[data-state="refused"]'
# Longer than the page waits until it asks again whether the service is back.
# What the browser and htmx write down about a request without an answer.
NO_NETWORK = re.compile("Failed to (load resource|fetch)")


@pytest.fixture
def till(shop: Shop, browser: Browser, cookies: list[Any]) -> Iterator[Till]:
    """Give a till whose browser may write down that it had no network."""
    with at_the_till(shop, browser, cookies, clean=False) as ready:
        ready.open()
        keep_page(ready.page)
        yield ready
        assert [text for text in ready.complaints if not NO_NETWORK.search(text)] == []


def test_offline_and_back(till: Till) -> None:
    card = till.shop.card("125.50")
    till.scan(card["cardNumber"])
    expect(till.locator("#card-points")).to_be_visible()

    till.page.context.set_offline(True)
    expect(till.locator("#offline")).to_be_visible()
    # The page opens without the service, and knows the last balance of the card.
    till.page.reload()
    expect(till.locator("#offline")).to_be_visible()
    till.scan(card["cardNumber"])
    expect(till.locator(".offline-card")).to_contain_text("125.5")
    expect(till.locator(".offline-card")).to_contain_text(re.compile(r"As of \d"))
    till.page.keyboard.type("nothing", delay=40)
    till.page.keyboard.press("Enter")
    expect(till.locator(".offline-card .problem")).to_contain_text("An amount is missing")
    # What the service refuses as an amount is not kept either: 12,50 may be 12.50 or a slip of 1,250.
    for unreadable in ("12,50", "1,2345", "10,000,000,000", "9999999999999"):
        till.locator(".offline-card input[name=amount]").fill(unreadable)
        till.page.keyboard.press("Enter")
        expect(till.locator(".offline-card .problem")).to_contain_text("An amount is missing")
    till.page.keyboard.press("Control+A")
    # As a person types: eight characters at a reader's pace, and an Enter, would be a card.
    till.page.keyboard.type("1,000.50", delay=90)
    till.page.keyboard.press("Enter")
    expect(till.locator("#messages")).to_contain_text("is kept on this machine")
    expect(till.locator(WAITING)).to_have_count(1)
    # A reload, a power cut: the bill is still there.
    till.page.reload()
    expect(till.locator(WAITING)).to_have_count(1)
    assert Decimal(till.shop.balance(card)) == Decimal("125.50")

    till.page.context.set_offline(False)
    expect(till.locator(SENT)).to_have_count(1)
    expect(till.locator(SENT)).to_contain_text("points earned")
    expect(till.locator("#offline")).to_be_hidden()
    (earn,) = [entry for entry in till.shop.transactions(card) if entry["billId"]]
    assert earn["billAmount"] == Decimal("1000.50")
    assert earn["occurredAt"] < earn["createdAt"]
    till.locator("#queue-clear").click()
    expect(till.locator("#queue")).to_be_hidden()
    # And the page that was kept works again, without being loaded again.
    till.scan(card["cardNumber"])
    expect(till.locator("#card-points")).to_be_visible()


def test_what_a_kept_bill_earned_counts_its_bonuses(shop: Shop, browser: Browser) -> None:
    own, now = open_shop(shop.home, shop.service), utc_now()
    window = {"startsAt": (now - timedelta(days=1)).isoformat(), "endsAt": (now + timedelta(days=1)).isoformat()}
    made = own.tenant.admin.post("/campaigns", {"name": "Ten for all", "type": "FIXED_BONUS", "bonusPoints": 10, **window})
    assert own.tenant.admin.post(f"/campaigns/{made.json['id']}/activate").status == 200
    with at_the_till(own, browser, [], clean=False) as till:
        till.open()
        till.sign_in()
        till.open()
        keep_page(till.page)
        till.page.context.set_offline(True)
        keep_bill(till, own.card(), "1000")
        till.page.context.set_offline(False)
        # 2 % of 1,000.00, and the ten.
        expect(till.locator(SENT)).to_contain_text("Sent: 30.00 points earned, balance 30.00")


def test_points_are_not_paid_without_the_service(till: Till) -> None:
    card = till.shop.card("500.00")
    till.scan(card["cardNumber"])
    till.bill("1000")
    till.page.keyboard.press("Alt+U")
    expect(till.value("deducted")).to_have_attribute("data-amount", "50.00")
    till.page.context.set_offline(True)
    till.page.keyboard.press("Enter")
    expect(till.locator("#messages")).to_contain_text("Paying with points waits")
    # In money it is kept, under the number that the bill had already.
    bill = int(till.locator("#bill-number").input_value())
    till.locator("#use-none").check()
    till.locator("#apply").click()
    expect(till.locator(".offline-card input[name=amount]")).to_have_value("1000")
    till.page.keyboard.press("Enter")
    expect(till.locator(WAITING)).to_have_attribute("data-bill-id", str(bill))
    till.page.context.set_offline(False)
    expect(till.locator(SENT)).to_have_count(1)
    assert [entry["billId"] for entry in till.shop.transactions(card) if entry["billId"]] == [bill]


def test_an_answer_that_was_lost_is_no_second_bill(till: Till) -> None:
    card = till.shop.card("0")
    till.scan(card["cardNumber"])
    till.bill("400")

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    till.page.route("**/counter/apply", lose, times=1)
    till.page.keyboard.press("Enter")
    expect(till.locator(".offline-card")).to_be_visible()
    till.page.keyboard.press("Enter")
    expect(till.locator(SENT)).to_have_count(1)
    assert len(till.shop.transactions(card)) == 1


def test_points_that_were_taken_before_the_answer_was_lost_are_said(till: Till) -> None:
    card = till.shop.card("500.00")
    till.scan(card["cardNumber"])
    till.bill("1000")
    till.page.keyboard.press("Alt+U")
    expect(till.value("deducted")).to_have_attribute("data-amount", "50.00")

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    till.page.route("**/counter/apply", lose, times=1)
    till.page.keyboard.press("Enter")
    expect(till.locator("#messages")).to_contain_text("Paying with points waits")
    # The service is away for long enough to take the whole bill in money.
    till.page.context.set_offline(True)
    till.locator("#use-none").check()
    till.locator("#apply").click()
    expect(till.locator(".offline-card input[name=amount]")).to_have_value("1000")
    till.page.keyboard.press("Enter")
    till.page.context.set_offline(False)
    expect(till.locator(SENT)).to_contain_text("500.00 points worth ₹50.00 were taken for this bill")
    till.page.reload()
    expect(till.locator(SENT)).to_contain_text("give that back in money")


def test_two_tabs_send_each_bill_once(till: Till) -> None:
    card = till.shop.card("0")
    till.page.context.set_offline(True)
    keep_bill(till, card, "100")
    keep_bill(till, card, "200")
    other = Till(till.shop, till.page.context.new_page())
    other.open()
    expect(other.locator(WAITING)).to_have_count(2)
    sent: list[str] = []
    for page in (till.page, other.page):
        page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/batch") else None)
    till.page.context.set_offline(False)
    expect(till.locator(SENT)).to_have_count(2)
    expect(other.locator(SENT)).to_have_count(2)
    assert len(sent) == 1
    assert len(till.shop.transactions(card)) == 2


def test_a_session_that_is_over_keeps_the_bills_until_somebody_signs_in(shop: Shop, browser: Browser) -> None:
    card = shop.card("0")
    with at_the_till(shop, browser, [], clean=False) as till:
        till.open()
        till.sign_in()
        keep_page(till.page)
        till.page.context.set_offline(True)
        keep_bill(till, card, "300")
        till.page.context.clear_cookies()
        till.page.context.set_offline(False)
        expect(till.locator("#queue-note")).to_contain_text("Nothing is lost")
        expect(till.locator(WAITING)).to_have_count(1)
        assert shop.transactions(card) == []
        till.locator("#queue-sign-in").click()
        till.sign_in()
        expect(till.locator(SENT)).to_have_count(1)
    assert len(shop.transactions(card)) == 1


def test_a_session_that_is_over_leads_a_scan_to_the_sign_in_page(till: Till) -> None:
    card = till.shop.card("0")
    till.page.context.clear_cookies()
    till.scan(card["cardNumber"])
    till.sign_in()
    till.scan(card["cardNumber"])
    expect(till.locator("#card-points")).to_be_visible()


def test_a_bill_that_is_refused_stays_until_it_is_read(till: Till) -> None:
    till.page.context.set_offline(True)
    keep_bill(till, {"cardNumber": "2100000000000001"}, "100")
    till.page.context.set_offline(False)
    expect(till.locator(REFUSED)).to_contain_text("Refused:")
    till.page.reload()
    remove = till.locator(f"{REFUSED} [data-remove]")
    remove.click()
    expect(remove).to_have_text("Really remove?")
    remove.click()
    expect(till.locator("#queue")).to_be_hidden()


def test_many_long_bills_are_sent_in_bodies_that_the_service_takes(till: Till) -> None:
    card = till.shop.card("0")
    till.page.evaluate(
        """([cardNumber, count, lines]) => new Promise((resolve, reject) => {
          const { tenant, user } = document.getElementById("counter").dataset;
          const opening = indexedDB.open("card-service-counter");
          opening.onsuccess = () => {
            const keeping = opening.result.transaction("earns", "readwrite");
            const items = Array(lines).fill({ categoryId: 1, amount: "1234.50" });
            for (let billId = 1; billId <= count; billId += 1) {
              keeping.objectStore("earns").add({
                tenant, billId, cardNumber, billAmount: "1234.50", items, keptBy: user,
                occurredAt: new Date().toISOString(), state: "waiting", answer: null, problem: null,
              });
            }
            keeping.oncomplete = resolve;
            keeping.onerror = reject;
          };
        })""",
        [card["cardNumber"], 25, 90],
    )
    till.page.reload()
    expect(till.locator(SENT)).to_have_count(25)


def test_a_batch_that_is_refused_whole_does_not_close_the_counter(till: Till) -> None:
    card = till.shop.card("0")
    till.page.context.set_offline(True)
    keep_bill(till, card, "100")
    till.page.route("**/counter/earn-points/batch", lambda route: route.fulfill(status=500), times=1)
    till.page.context.set_offline(False)
    expect(till.locator("#queue-note")).to_contain_text("sent again in a moment")
    expect(till.locator("#offline")).to_be_hidden()
    till.scan(card["cardNumber"])
    expect(till.locator("#card-points")).to_be_visible()
    till.locator("#queue-send").click()
    expect(till.locator(SENT)).to_have_count(1)


@pytest.mark.parametrize("way", ["counter", "account", "everywhere", "password"])
def test_signing_out_leaves_no_page_and_no_balance_behind(shop: Shop, browser: Browser, way: str) -> None:
    # People of their own, for two of the ways end all sessions of a person.
    shop = open_shop(shop.home, shop.service)
    card = shop.card("125.50")
    with at_the_till(shop, browser, [], clean=False) as till:
        till.open()
        till.sign_in()
        till.scan(card["cardNumber"])
        expect(till.locator("#card-points")).to_be_visible()
        keep_page(till.page)
        if way != "counter":
            till.open("/account")
        if way == "password":
            till.page.get_by_label("Present password").fill(PASSWORD)
            for field in ("New password, at least 10 characters", "New password again"):
                till.page.get_by_label(field).fill(PASSWORD)
            till.page.get_by_role("button", name="Change the password").click()
        else:
            name = "Sign out everywhere" if way == "everywhere" else "Sign out"
            till.page.get_by_role("button", name=name, exact=True).click()
        expect(till.page.get_by_role("heading", name="Sign in")).to_be_visible()
        assert till.page.evaluate("caches.has('counter-shell')") is False
        kept = till.page.evaluate(
            """() => new Promise((resolve) => {
              const opening = indexedDB.open("card-service-counter");
              opening.onsuccess = () => {
                const asking = opening.result.transaction("balances").objectStore("balances").count();
                asking.onsuccess = () => resolve(asking.result);
              };
            })"""
        )
        assert kept == 0
