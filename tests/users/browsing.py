"""A browser without a screen: keeps cookies, follows nothing, sends forms as a page of the service does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from werkzeug.test import Client, TestResponse

from card_service.kit.auth.passwords import hash_password
from card_service.kit.context import Context, utc_now
from card_service.users.create import CreatePerson, create_person
from card_service.users.person import Person
from tests.servers.service import Service, new_address

HOST = "counter.example"
HOME = f"https://{HOST}"
SESSION, FORM = "__Host-card-service", "__Host-card-service-form"
PASSWORD = "correct horse battery"  # noqa: S105 - of people who live for one test
_HASH = hash_password(PASSWORD)
_numbers = count(1)


def add_person(service: Service, tenant_id: int, role: str = "cashier", login: str | None = None) -> Person:
    """Add a person with the password of all of them."""
    login = login or f"person-{next(_numbers)}-{service.database.kind}"
    request = CreatePerson(login=login, name=f"Meera {login}", role=role, password_hash=_HASH)
    made: Person = service.app.extensions["database"].transact(create_person, Context(tenant_id, "the tests", utc_now()), request)
    return made


@dataclass
class Browser:
    """Cookies and an address of its own; everything is sent over https."""

    service: Service
    address: str = field(default_factory=new_address)

    def __post_init__(self) -> None:
        """Begin without cookies."""
        self._client = Client(self.service.app)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
        """GET a page."""
        return self._send("GET", path, {}, headers)

    def post(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> TestResponse:
        """Send a form, with nothing but these fields."""
        return self._send("POST", path, fields, headers)

    def submit(self, page: str, path: str, fields: Mapping[str, str] | None = None) -> TestResponse:
        """Open a page and send a form of it, with the token that stands in it and the headers of a browser."""
        own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Origin": HOME}
        return self.post(path, {"csrf_token": self.form_token(page), **(fields or {})}, own)

    def form_token(self, page: str = "/account") -> str:
        """Read the token of a page's forms."""
        found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', self.get(page).text)
        assert found is not None, f"{page} has no form"
        return found.group(1)

    def sign_in(self, login: str, password: str = PASSWORD, next_path: str | None = None) -> TestResponse:
        """Fill in the form for signing in."""
        fields = {"login": login, "password": password} | ({} if next_path is None else {"next": next_path})
        return self.submit("/sign-in", "/sign-in", fields)

    def is_signed_in(self) -> bool:
        """Tell whether the service shows this browser a page that is for people."""
        return self.get("/account").status_code == 200

    def cookie(self, name: str = SESSION) -> str | None:
        """Give the value of a cookie."""
        found = self._client.get_cookie(name, HOST)
        return found.value if found is not None else None

    def set_cookie(self, value: str, name: str = SESSION) -> None:
        """Put a cookie there, as someone with the browser in hand could."""
        self._client.set_cookie(name, value, domain=HOST)

    def _send(self, method: str, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None) -> TestResponse:
        data: dict[str, Any] = {} if method == "GET" else {"data": dict(fields)}
        return self._client.open(
            path,
            method=method,
            base_url=HOME,
            headers=dict(headers or {}),
            environ_overrides={"REMOTE_ADDR": self.address},
            **data,
        )


def signed_in_browser(service: Service, person: Person) -> Browser:
    """Sign a person in and give their browser."""
    browser = Browser(service)
    assert browser.sign_in(person.login).status_code == 303
    return browser


def audited(service: Service, person: Person) -> list[tuple[str, str]]:
    """Give the entries about a person in the audit log, in order: what, and by whom."""
    sql = "SELECT action, performed_by FROM audit_log WHERE entity = 'user' AND entity_id = :id ORDER BY id"
    return [(action, by) for action, by in service.database.rows(sql, id=person.id)]
