"""Every way a number comes to the page: a reader that types, the camera, the scanner's agent; and how long it takes."""

import re
import signal
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from card_service.cards.barcode import Symbology, symbol_of
from tests.scanner.read.programs import ended, running
from tests.web.browser.conftest import ARGUMENTS, chromium
from tests.web.browser.till import Shop, Till, at_the_till

SCANS = 5
WIDTH, HEIGHT = 640, 480
AGENT_PORT = 8765
# From the reader's Enter to the frame in which the balance is painted.
STOPWATCH = """(number) => {
  window.took = new Promise((resolve, reject) => {
    let started = 0;
    setTimeout(() => reject(new Error("No balance came.")), 10_000);
    addEventListener("keydown", (event) => { if (event.key === "Enter") started = performance.now(); }, { capture: true });
    new MutationObserver((_, observer) => {
      if (!document.querySelector(`#card[data-card-number="${number}"]`)) return;
      observer.disconnect();
      requestAnimationFrame(() => resolve(performance.now() - started));
    }).observe(document.getElementById("work"), { childList: true });
  });
}"""


def test_scan_to_balance(till: Till, record_property: Any) -> None:
    # One more before it counts: the service makes its templates and statements ready with the first scan of its life.
    warm, *cards = [till.shop.card("10.00")["cardNumber"] for _ in range(SCANS + 1)]
    till.scan(warm)
    expect(till.locator("#card-points")).to_be_visible()
    took = []
    for number in cards:
        till.page.evaluate(STOPWATCH, number)
        till.page.keyboard.press("F2")
        till.scan(number)
        took.append(till.page.evaluate("window.took"))
    p95 = quantiles(took, n=20, method="inclusive")[-1]
    record_property("scan_to_balance_p95_ms", round(p95))
    print(f"scan to balance: p50 {sorted(took)[SCANS // 2]:.0f} ms, p95 {p95:.0f} ms, most {max(took):.0f} ms")  # noqa: T201


def test_a_reader_types_wherever_the_cursor_is(till: Till) -> None:
    first, second, third = (till.shop.card("0", name=name) for name in ("Asha Rao", "Ravi Kumar", "Lata Iyer"))
    till.scan(first["cardNumber"])
    expect(till.locator("#card-name")).to_have_text("Asha Rao")
    # Into an amount that is being typed: what was scanned is no amount.
    till.bill("100")
    till.scan(second["cardNumber"])
    expect(till.locator("#card-name")).to_have_text("Ravi Kumar")
    assert till.shop.transactions(first) == []
    # While the cursor is on a button, where no key has a meaning.
    till.locator("#apply").focus()
    till.scan(third["cardNumber"])
    expect(till.locator("#card-name")).to_have_text("Lata Iyer")


def test_a_form_that_asks_for_a_scan_gets_it(till: Till) -> None:
    till.open("/counter/enrol")
    field = till.locator("#enrol input[name=card_number]")
    field.focus()
    till.scan("7300000000000017")
    # The name is still missing, so the browser asks for it, and nothing is looked up.
    expect(till.locator("#enrol input[name=name]")).to_be_focused()
    expect(field).to_have_value("7300000000000017")


def test_a_scan_that_begins_before_the_last_answer_is_whole(till: Till) -> None:
    first, second = (till.shop.card("0", name=name)["cardNumber"] for name in ("Asha Rao", "Ravi Kumar"))

    def between(route: Route) -> None:
        # The reader is in the middle of the next card when the answer about this one comes.
        answer = route.fetch()
        till.read_by_wedge(second[:9])
        route.fulfill(response=answer)

    till.page.route("**/counter/find", between, times=1)
    till.scan(first)
    expect(till.locator("#card")).to_have_attribute("data-card-number", first)
    expect(till.locator("#scan")).to_be_focused()
    till.scan(second[9:])
    expect(till.locator("#card")).to_have_attribute("data-card-number", second)


def test_a_refused_scan_is_typed_over_by_the_next(shop: Shop, browser: Browser, cookies: list[Any]) -> None:
    card = shop.card("0")
    # The browser writes the 404 down as an error.
    with at_the_till(shop, browser, cookies, clean=False) as till:
        till.open()
        till.scan("9999999999999999")
        expect(till.locator("#messages .error")).to_contain_text("Nobody found")
        till.page.keyboard.press("F2")
        till.scan(card["cardNumber"])
        expect(till.locator("#card-name")).to_be_visible()
        expect(till.locator("#messages .error")).to_have_count(0)


def test_sounds_tell_accepted_from_refused(shop: Shop, browser: Browser, cookies: list[Any]) -> None:
    card = shop.card("0")
    with at_the_till(shop, browser, cookies, clean=False) as till:
        till.page.add_init_script(
            """window.tones = [];
            const start = OscillatorNode.prototype.start;
            OscillatorNode.prototype.start = function (...when) {
              window.tones.push(this.frequency.value);
              return start.apply(this, when);
            };"""
        )
        till.open()
        till.scan(card["cardNumber"])
        expect(till.locator("#card-name")).to_be_visible()
        assert till.page.evaluate("window.tones") == [880, 1320]
        till.page.keyboard.press("F2")
        till.scan("9999999999999999")
        expect(till.locator("#messages .error")).to_be_visible()
        assert till.page.evaluate("window.tones") == [880, 1320, 220, 220]
        till.locator("#devices summary").click()
        till.locator("#sound-on").uncheck()
        till.page.keyboard.press("F2")
        till.scan(card["cardNumber"])
        expect(till.locator("#card-name")).to_be_visible()
        assert len(till.page.evaluate("window.tones")) == 4


def film(path: Path, number: str, symbology: Symbology) -> Path:
    """Write what a camera sees of a card: two equal frames as YUV4MPEG2, which Chromium shows again and again."""
    symbol = symbol_of(number, symbology)
    module = 3 if symbology is Symbology.CODE128 else 8
    margin = symbol.quiet * module
    tall = 160 // len(symbol.rows) if symbology is Symbology.CODE128 else module
    light, grey = b"\xeb", b"\x80"
    lines = [
        light * margin + b"".join((b"\x10" if dark else light) * module for dark in row) + light * margin for row in symbol.rows
    ]
    rows = [light * len(lines[0])] * margin + [line for line in lines for _ in range(tall)] + [light * len(lines[0])] * margin
    left, top = (WIDTH - len(rows[0])) // 2, (HEIGHT - len(rows)) // 2
    luma = bytearray(grey * (WIDTH * HEIGHT))
    for y, row in enumerate(rows, top):
        luma[y * WIDTH + left : y * WIDTH + left + len(row)] = row
    frame = b"FRAME\n" + bytes(luma) + grey * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 2)
    return path


@pytest.mark.parametrize("symbology", list(Symbology))
def test_the_camera_reads_a_card(shop: Shop, browser: Browser, cookies: list[Any], symbology: Symbology, tmp_path: Path) -> None:
    card = shop.card("75.00")
    seen = film(tmp_path / "card.y4m", card["cardNumber"], symbology)
    arguments = [
        *ARGUMENTS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={seen}",
    ]
    with_camera = browser.browser_type.launch(executable_path=chromium(), args=arguments)
    try:
        with at_the_till(shop, with_camera, cookies) as till:
            till.open()
            till.page.keyboard.press("F4")
            expect(till.locator("#card-points")).to_have_text("75")
            expect(till.locator("#camera")).to_be_hidden()
    finally:
        with_camera.close()


def test_a_machine_without_a_camera_says_what_to_do(till: Till) -> None:
    till.page.context.grant_permissions(["camera"])
    till.locator("#camera-button").click()
    expect(till.locator("#camera [role=alert]")).to_contain_text("or type the number")
    expect(till.locator("#scan")).to_be_focused()


def test_the_scanner_beside_the_browser(shop: Shop, browser: Browser, cookies: list[Any], tmp_path: Path) -> None:
    card, other = shop.card("42.00"), shop.card("43.00")
    with at_the_till(shop, browser, cookies, clean=False) as till:
        till.open()
        till.locator("#devices summary").click()
        code = till.locator("#agent-pair input")
        code.fill("123456")
        till.page.keyboard.press("Enter")
        expect(till.locator("#agent-answer")).to_contain_text("No scanner program answers")
        till.foreign.clear()

        options = ["--source", "stdin", "--quiet", "--origin", shop.home]
        with running("agent", *options, SCANNER_CONFIG_DIR=str(tmp_path)) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            assert process.stdout.readline().startswith(f"listening on http://127.0.0.1:{AGENT_PORT} ")
            printed = re.match(r"pairing code: ([0-9]{6})", process.stdout.readline())
            assert printed is not None
            code.fill(printed[1])
            till.page.keyboard.press("Enter")
            expect(till.locator("#agent-state")).to_have_text("Scanner connected")
            process.stdin.write(f"]C0{card['cardNumber']}\n")
            process.stdin.flush()
            expect(till.locator("#card-points")).to_have_text("42")
            # Paired once: the page of tomorrow listens by itself.
            till.open()
            expect(till.locator("#agent-state")).to_have_text("Scanner connected")
            process.stdin.write(f"]C0{other['cardNumber']}\n")
            process.stdin.flush()
            expect(till.locator("#card-points")).to_have_text("43")
            ended(process, signal.SIGTERM)
        expect(till.locator("#agent-state")).to_contain_text("does not answer")
        assert {url.split("/")[2] for url in till.foreign} == {f"127.0.0.1:{AGENT_PORT}"}
        till.foreign.clear()


# What a browser that was asked for leave to reach this machine answers, whatever the rest of it knows of that.
LEAVE = """(state) => {
  const query = Permissions.prototype.query;
  Permissions.prototype.query = function ({ name }) {
    if (name === "local-network-access") return Promise.resolve({ state });
    return name === "loopback-network" ? Promise.reject(new TypeError(name)) : query.call(this, { name });
  };
}"""


def test_a_browser_that_keeps_the_page_from_the_scanner_is_said(shop: Shop, browser: Browser, cookies: list[Any]) -> None:
    # The browser writes down that nobody answers.
    with at_the_till(shop, browser, cookies, clean=False) as till:
        till.page.add_init_script(f"({LEAVE})('denied'); localStorage.setItem('counter-agent-token', 'of yesterday');")
        till.open()
        expect(till.locator("#agent-state")).to_contain_text("Allow it beside the address of this page.")
        till.locator("#devices summary").click()
        till.locator("#agent-forget").click()
        till.locator("#agent-pair input").fill("123456")
        till.page.keyboard.press("Enter")
        expect(till.locator("#agent-answer")).to_contain_text("Allow it beside the address of this page.")
        # This page comes from the machine itself, so the leave that nobody has given yet is not what is missing.
        till.page.evaluate(f"({LEAVE})('prompt')")
        till.locator("#agent-pair button").click()
        expect(till.locator("#agent-answer")).to_contain_text("No scanner program answers")
        till.foreign.clear()
