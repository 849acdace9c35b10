"""The door of the pages: who is let in, what a foreign page can make a browser send, and where signing in leads."""

from typing import Any

import pytest
from flask import Response, g

from card_service.cards.issue import IssueCard, issue_card
from card_service.kit.auth.sessions import new_token
from card_service.kit.context import Context
from card_service.kit.errors import ServiceError
from card_service.kit.http.blueprint import context, read, transact
from card_service.web.refusal_page import refusal_page
from card_service.web.session import signed_in
from tests.guards.surface import PAGES
from tests.servers.service import Service, start_service
from tests.users.browsing import FORM, HOME, HOST, PASSWORD, Browser, add_person, signed_in_browser

PROTECTED = [name for name, roles in PAGES.items() if roles]
CHANGING = [name for name in PROTECTED if name.startswith("POST")]
FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour of the site": {"Sec-Fetch-Site": "same-site"},
    "typed in": {"Sec-Fetch-Site": "none"},
    "nonsense": {"Sec-Fetch-Site": "same-origin, cross-site"},
    "a foreign origin": {"Origin": "https://evil.example"},
    "an origin that only begins like ours": {"Origin": f"{HOME}.evil.example"},
    "another port": {"Origin": f"{HOME}:8443"},
    "no origin to speak of": {"Origin": "null"},
    "an origin that cannot be read": {"Origin": "https://["},
    "a user in the origin": {"Origin": f"https://{HOST}@evil.example"},
}


def _path(name: str) -> str:
    return name.partition(" ")[2].replace("{card_id}", "1")


@pytest.fixture
def browser(service: Service) -> Browser:
    return signed_in_browser(service, add_person(service, service.tenant().id))


@pytest.fixture
def asked(service: Service) -> Service:
    """Give the service with a page for admins, and one that does something."""
    own = start_service(service.database, service.clock)

    @signed_in("admin")
    def only_admins() -> Response:
        return Response("for admins")

    @signed_in("cashier", "admin")
    def work() -> dict[str, Any]:
        made = transact(issue_card, IssueCard())
        found = read(_by_whom, made.id)
        return {"by": found, "name": g.user.name, "login": g.user.login, "role": g.user.role, "tenant": g.user.tenant_name,
                "context": [context().tenant_id, context().performed_by, context().role]}  # fmt: skip

    own.app.add_url_rule("/only-admins", view_func=only_admins)
    own.app.add_url_rule("/work", view_func=work, methods=["POST"])
    return own


def _by_whom(session: Any, context: Context, card_id: int) -> list[str]:
    from sqlalchemy import bindparam, select  # noqa: PLC0415 - a statement of this test alone

    from card_service.kit.db.statement import TENANT, Statement  # noqa: PLC0415
    from card_service.models.tenants import audit_log  # noqa: PLC0415

    assert context.tenant_id == session.tenant_id
    where = (audit_log.c.tenant_id == TENANT, audit_log.c.entity == "card", audit_log.c.entity_id == bindparam("card"))
    statement = Statement(select(audit_log.c.performed_by).where(*where), str)
    Statement.all_statements.remove(statement)
    return list(session.all(statement, card=card_id))


@pytest.mark.parametrize("name", PROTECTED)
def test_no_page_is_shown_to_nobody(service: Service, name: str) -> None:
    method, path = name.split(maxsplit=1)[0], _path(name)
    for cookie in (None, new_token(), "x", "\u00e9"):
        browser = Browser(service)
        if cookie is not None:
            browser.set_cookie(cookie)
        send = browser.get if method == "GET" else lambda path, headers=None, to=browser: to.post(path, {}, headers)
        answer = send(path)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in"), name
        htmx = send(path, {"HX-Request": "true", "HX-Current-URL": f"{HOME}/counter/return"})
        assert (htmx.status_code, htmx.headers["HX-Redirect"]) == (401, "/sign-in?next=%2Fcounter%2Freturn")
        for headers in ({"Sec-Fetch-Mode": "cors"}, {"Accept": "application/json"}):
            script = send(path, headers)
            assert (script.status_code, script.headers["Content-Type"]) == (401, "application/problem+json")
            assert script.get_json()["code"] == "UNAUTHENTICATED"
            assert "sign in again" in script.get_json()["title"]


@pytest.mark.parametrize("name", CHANGING)
def test_every_page_that_changes_something_wants_its_own_token(service: Service, browser: Browser, name: str) -> None:
    other = signed_in_browser(service, add_person(service, service.tenant().id))
    before = Browser(service).form_token("/sign-in")
    own = browser.form_token()
    for token in (None, "", "x", own[:-1], own.upper(), other.form_token(), before, browser.cookie(), "\u00e9" * 64):
        fields = {} if token is None else {"csrf_token": token}
        answer = browser.post(_path(name), fields, {"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 403, (name, token)
        assert "nothing was changed" in answer.text
    assert browser.is_signed_in()


@pytest.mark.parametrize("sender", FOREIGN)
def test_a_foreign_page_changes_nothing_even_with_the_token(service: Service, browser: Browser, sender: str) -> None:
    token = browser.form_token()
    for way in ({"headers": {"X-CSRF-Token": token}, "fields": {}}, {"headers": {}, "fields": {"csrf_token": token}}):
        answer = browser.post("/sign-out-everywhere", way["fields"], {**FOREIGN[sender], **way["headers"]})
        assert answer.status_code == 403
    assert browser.is_signed_in()
    door = Browser(service)
    login = add_person(service, service.tenant().id).login
    fields = {"csrf_token": door.form_token("/sign-in"), "login": login, "password": PASSWORD}
    assert door.post("/sign-in", fields, FOREIGN[sender]).status_code == 403
    assert door.cookie() is None


def test_the_token_is_taken_as_a_header_or_a_field(service: Service, browser: Browser) -> None:
    token = browser.form_token()
    assert browser.post("/sign-out", {"csrf_token": token}).status_code == 303
    again = signed_in_browser(service, add_person(service, service.tenant().id))
    assert again.post("/sign-out", {}, {"X-CSRF-Token": again.form_token(), "Origin": HOME}).status_code == 303


def test_nobody_is_signed_in_by_a_page_of_someone_else(service: Service) -> None:
    """Sign-in forgery: the attacker's login, sent from the victim's browser, which has another token or none."""
    person, attacker, victim = add_person(service, service.tenant().id), Browser(service), Browser(service)
    fields = {"csrf_token": attacker.form_token("/sign-in"), "login": person.login, "password": PASSWORD}
    for _ in range(2):
        answer = victim.post("/sign-in", fields)
        assert answer.status_code == 403
        assert "out of date" in answer.text
        assert victim.cookie() is None
        assert victim.cookie(FORM) is not None, "the next try has what it needs"
    assert victim.sign_in(person.login).status_code == 303


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
        "javascript:alert(1)", "evil.example", "/\n/evil.example", " //evil.example", "/%09/evil\u2028", "https:evil.example",
        "/a\\..\\evil", "/counter\r\nSet-Cookie: x=1", "/\u00e9", "", "/" + "x" * 600, "/sign-in?next=/sign-in", "/sign-out",
        "/sign-in/",
    ],
)  # fmt: skip
def test_signing_in_leads_to_no_other_site(service: Service, target: str) -> None:
    person = add_person(service, service.tenant().id)
    browser = Browser(service)
    assert browser.sign_in(person.login, next_path=target).headers["Location"] == "/counter"
    assert browser.get("/sign-in?" + _query(target)).headers["Location"] == "/counter"


@pytest.mark.parametrize("target", ["/counter", "/account", "/counter/cards/7?tab=history", "/language/hi?next=/counter"])
def test_signing_in_leads_back_to_the_page(service: Service, target: str) -> None:
    person = add_person(service, service.tenant().id)
    assert Browser(service).sign_in(person.login, next_path=target).headers["Location"] == target
    asked_for = Browser(service).get(target)
    if asked_for.status_code == 303 and "sign-in" in asked_for.headers["Location"]:
        assert Browser(service).get(asked_for.headers["Location"]).status_code == 200


def test_a_form_sent_after_the_session_leads_back_to_its_page(service: Service) -> None:
    browser = Browser(service)
    answer = browser.post("/sign-out-everywhere", {}, {"Referer": f"{HOME}/account"})
    assert answer.headers["Location"] == "/sign-in?next=%2Faccount"
    answer = browser.post("/sign-out-everywhere", {}, {"Referer": "https://evil.example/counter"})
    assert answer.headers["Location"] == "/sign-in"


def test_a_page_is_for_its_roles(asked: Service) -> None:
    tenant = asked.tenant()
    admin = signed_in_browser(asked, add_person(asked, tenant.id, "admin"))
    cashier = signed_in_browser(asked, add_person(asked, tenant.id, "cashier"))
    assert admin.get("/only-admins").text == "for admins"
    refused = cashier.get("/only-admins")
    assert refused.status_code == 403
    assert "another role" in refused.text
    assert cashier.get("/only-admins", {"Accept": "application/json"}).get_json()["code"] == "FORBIDDEN"


def test_a_role_is_that_of_now(asked: Service) -> None:
    person = add_person(asked, asked.tenant().id, "admin")
    browser = signed_in_browser(asked, person)
    asked.database.execute("UPDATE users SET role = 'cashier' WHERE id = :id", id=person.id)
    assert browser.get("/only-admins").status_code == 403


def test_what_a_person_does_carries_their_name(asked: Service) -> None:
    tenant = asked.tenant()
    person = add_person(asked, tenant.id)
    browser = signed_in_browser(asked, person)
    done = browser.post("/work", {}, {"X-CSRF-Token": browser.form_token()}).get_json()
    by = f"user:{person.id}"
    assert done == {
        "by": [by], "name": person.name, "login": person.login, "role": "cashier", "tenant": tenant.name,
        "context": [tenant.id, by, "cashier"],
    }  # fmt: skip


def test_a_session_opens_no_api_and_a_key_no_page(service: Service, browser: Browser) -> None:
    tenant = service.tenant()
    assert browser.get("/api/v1/cards").status_code == 401
    assert Browser(service).get("/account", {"Authorization": f"Bearer {tenant.keys['admin']}"}).status_code == 303


@pytest.mark.parametrize("roles", [(), ("billing",), ("cashier", "nobody")])
def test_a_page_for_no_person_does_not_build(roles: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="admin or cashier"):
        signed_in(*roles)


def test_every_answer_of_a_page_is_guarded(service: Service, browser: Browser) -> None:
    answers = {
        "form": Browser(service).get("/sign-in"),
        "failed": Browser(service).sign_in("nobody", "wrong"),
        "signed in": Browser(service).sign_in(add_person(service, service.tenant().id).login),
        "page": browser.get("/account"),
        "not mine": browser.post("/sign-out", {}),
        "refused": browser.submit("/account", "/account/password"),
        "to the form": Browser(service).get("/account"),
        "signed out": browser.submit("/account", "/sign-out"),
    }
    for name, answer in answers.items():
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'", name
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert policy["script-src"] == "'self' 'wasm-unsafe-eval'"
        assert "unsafe-inline" not in str(policy)
        assert answer.headers["Cache-Control"] == "no-store", name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Permissions-Policy"].startswith("camera=(self)")


def test_a_large_body_is_refused_before_it_is_read(browser: Browser) -> None:
    assert browser.post("/sign-in", {"login": "x" * 70_000}).status_code == 413
    assert browser.post("/account/password", {"password": "x" * 70_000}).status_code == 413


def test_people_have_the_limit_of_valid_callers(service: Service) -> None:
    limited = start_service(service.database, service.clock, rate_limit="3 per minute")
    tenant = limited.tenant()
    one, other = (signed_in_browser(limited, add_person(limited, tenant.id)) for _ in range(2))
    answers = [one.get("/account") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert other.is_signed_in()


def test_what_was_typed_is_text_and_no_page(service: Service) -> None:
    page = Browser(service).sign_in('"><script>alert(1)</script>', "wrong").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def _query(target: str) -> str:
    from urllib.parse import urlencode  # noqa: PLC0415 - here only

    return urlencode({"next": target})


def test_a_refusal_is_shown_as_text(service: Service) -> None:
    with service.app.test_request_context("/"):
        page = refusal_page(ServiceError("100 % of <b>this</b>")).get_data(as_text=True)
    assert "100 % of &lt;b&gt;this&lt;/b&gt;" in page
