"""A till: a signed-in browser without a screen that plays the cashier's part and reads the forms of the pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from itertools import count
from typing import Any

from werkzeug.datastructures import Headers, MultiDict
from werkzeug.test import Client, TestResponse

from tests.servers.clients import Tenant
from tests.servers.service import Service, new_address
from tests.users.browsing import HOME, PASSWORD, Browser, add_person

MEDICINES, COSMETICS, BABY_FOOD = 11, 12, 13
_numbers = count(9_800_000_000)


@dataclass
class Form:
    """A form of a page: where it goes, and what it would send as it stands."""

    action: str
    fields: MultiDict[str, str] = field(default_factory=MultiDict)

    def filled(self, **fields: str) -> MultiDict[str, str]:
        """Give what it sends with these fields filled in."""
        sent = MultiDict(self.fields)
        for name, value in fields.items():
            sent[name] = value
        return sent


class _Reader(HTMLParser):
    """Collects forms with their fields, and the text of every element that has an id or a `data-value`."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.texts: dict[str, str] = {}
        self._form: Form | None = None
        self._select: str | None = None
        self._in_template = 0
        self._open: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self._in_template += tag == "template"
        if self._in_template:
            return
        name = said.get("id") or (f"value:{said['data-value']}" if "data-value" in said else None)
        if tag not in {"input", "meta", "link", "br"}:
            self._open.append((tag, name))
        if tag == "form":
            self._form = self.forms[said.get("id", said.get("action", ""))] = Form(said.get("action", ""))
        elif tag == "select":
            self._select = said["name"]
        elif tag == "option" and self._select and self._form is not None:
            self._option(said)
        elif tag == "input" and self._form is not None and "name" in said and _is_sent(said):
            self._form.fields.add(said["name"], said.get("value", ""))

    def _option(self, said: dict[str, str]) -> None:
        assert self._form is not None
        assert self._select is not None
        if "selected" in said or not self._first_option:
            kept = self._form.fields.poplist(self._select)
            self._form.fields.setlist(self._select, [*(kept[:-1] if self._first_option else kept), said["value"]])
            self._first_option = True

    _first_option = False

    def handle_endtag(self, tag: str) -> None:
        if self._in_template:
            self._in_template -= tag == "template"
            return
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select, self._first_option = None, False
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._in_template:
            return
        for _, name in self._open:
            if name is not None:
                self.texts[name] = self.texts.get(name, "") + data


def _is_sent(said: Mapping[str, str]) -> bool:
    return said.get("type") not in {"radio", "checkbox"} or "checked" in said


@dataclass(frozen=True)
class Page:
    """An answer, with its forms and its texts by id (`value:due` is the text of `data-value="due"`)."""

    status: int
    headers: Headers
    html: str

    @property
    def forms(self) -> dict[str, Form]:
        """Read the forms."""
        return self._read.forms

    def text(self, name: str) -> str:
        """Give the text of an element, spaces joined; empty if it is not there."""
        return " ".join(self._read.texts.get(name, "").split())

    def value(self, name: str) -> str:
        """Give a figure."""
        return self.text(f"value:{name}")

    @property
    def said(self) -> str:
        """Give the sentence for the cashier."""
        found = re.search(r'<p class="message[^>]*>(.*?)</p>', self.html, re.DOTALL)
        return " ".join(unescape(re.sub("<[^>]+>", "", found[1])).split()) if found else ""

    @property
    def code(self) -> str | None:
        """Give the code of a refusal."""
        found = re.search(r'data-code="([A-Z_]+)"', self.html)
        return found[1] if found else None

    @property
    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.html)
        return reader


@dataclass
class Till:
    """A cashier at work. Everything is sent as htmx sends it, unless `scripts` is off."""

    service: Service
    tenant: Tenant
    browser: Browser
    token: str
    user: str
    scripts: bool = True
    language: str = "en"

    def get(self, path: str) -> Page:
        """Open a page."""
        return self._page(self.client.get(path, headers=self._headers(), **self._from()))

    def post(self, path: str, fields: Any, headers: Mapping[str, str] | None = None, *, token: str | None = None) -> Page:
        """Send fields, with the token of the session."""
        sent = MultiDict(fields)
        sent["csrf_token"] = self.token if token is None else token
        return self._page(self.client.post(path, data=sent, headers={**self._headers(), **(headers or {})}, **self._from()))

    def json(self, path: str, body: Any) -> Any:
        """Send JSON as a script does."""
        headers = {"X-CSRF-Token": self.token, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
        return self.client.post(path, json=body, headers=headers, **self._from())

    def find(self, text: str) -> Page:
        """Look for a customer."""
        return self.post("/counter/find", {"q": text})

    def typed(self, form: Form, lines: Sequence[tuple[int, str]], **fields: str) -> MultiDict[str, str]:
        """Type a bill into its form."""
        sent = form.filled(**fields)
        sent.setlist("category", [str(category) for category, _ in lines])
        sent.setlist("amount", [amount for _, amount in lines])
        return sent

    def previewed(self, form: Form, lines: Sequence[tuple[int, str]], **fields: str) -> tuple[MultiDict[str, str], Page]:
        """Type a bill and wait for its preview; gives what the form would send then, and the preview."""
        sent = self.typed(form, lines, **fields)
        preview = self.post("/counter/preview", sent)
        return self.shown(sent, preview), preview

    @staticmethod
    def shown(sent: MultiDict[str, str], preview: Page) -> MultiDict[str, str]:
        """Put the figures of a preview into the form, as a page does that shows it."""
        sent = MultiDict(sent)
        for name, value in re.findall(r'name="(shown_\w+)" value="([^"]*)"', preview.html):
            sent[name] = value
        return sent

    def bill(self, number: str) -> Form:
        """Scan a card and give the form of its bill."""
        return self.find(number).forms["bill"]

    @property
    def client(self) -> Client:
        """The cookies."""
        return self.browser._client  # noqa: SLF001 - the same browser, with other headers

    def _headers(self) -> dict[str, str]:
        own = {"Sec-Fetch-Site": "same-origin", "Origin": HOME, "Accept-Language": self.language}
        return own | ({"HX-Request": "true", "Sec-Fetch-Mode": "cors"} if self.scripts else {"Sec-Fetch-Mode": "navigate"})

    def _from(self) -> dict[str, Any]:
        return {"base_url": HOME, "environ_overrides": {"REMOTE_ADDR": self.browser.address}}

    @staticmethod
    def _page(answer: TestResponse) -> Page:
        return Page(answer.status_code, answer.headers, answer.text)


def open_till(service: Service, tenant: Tenant | None = None, role: str = "cashier", **more: Any) -> Till:
    """Sign a new cashier in, at a pharmacy that is ready to sell."""
    tenant = tenant or ready_tenant(service)
    browser = Browser(service, new_address())
    person = add_person(service, tenant.id, role)
    assert browser.sign_in(person.login, PASSWORD).status_code == 303
    return Till(service, tenant, browser, browser.form_token(), f"user:{person.id}", **more)


def ready_tenant(service: Service, **config: Any) -> Tenant:
    """Make a pharmacy with three categories: one earns 3 %, one 2 % after 10 % discount, one nothing by law."""
    tenant = service.tenant()
    admin = tenant.admin
    settings = {"isEnabled": True, "minPointsToRedeem": 50, "maxRedemptionPercent": 50, **config}
    assert admin.put("/card-config", settings).status == 200
    for number, name, percentage in ((MEDICINES, "Medicines", 3), (COSMETICS, "Cosmetics", 2), (BABY_FOOD, "Baby food", 5)):
        body = {"categoryId": number, "categoryName": name, "pointPercentage": percentage}
        assert admin.post("/card-config/categories", body).status in {200, 201}
    discount = {"categoryId": COSMETICS, "categoryName": "Cosmetics", "discountPercentage": 10}
    assert admin.post("/card-config/discounts", discount).status in {200, 201}
    blocked = {"categoryId": BABY_FOOD, "earnBlocked": True, "redeemBlocked": True}
    assert admin.post("/card-config/restrictions", blocked).status in {200, 201}
    return tenant


def new_card(tenant: Tenant, points: int | str = 0, **fields: Any) -> dict[str, Any]:
    """Issue a card with points on it."""
    body = {"customerName": "Asha Rao", "customerPhone": f"+91{next(_numbers)}", **fields}
    card: dict[str, Any] = tenant.admin.post("/cards", body).json
    if points:
        adjusted = tenant.admin.post(f"/cards/{card['id']}/adjust-points", {"points": points, "reason": "opening"})
        assert adjusted.status == 200, adjusted.text
    return card


def balance_of(tenant: Tenant, card: Mapping[str, Any]) -> Any:
    """Ask the API what a card holds."""
    return tenant.admin.get(f"/cards/{card['id']}/balance").json["pointsBalance"]
