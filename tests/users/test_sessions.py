"""Sessions: opened by a sign-in, each of its own, over when they must be, and nothing to steal in the database."""

from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from card_service.kit.auth.sessions import new_token
from card_service.kit.context import Context
from card_service.users.disable import disable_person, enable_person
from card_service.users.person import Person
from tests.guards.pharmacy import differences, state
from tests.servers.service import Service, start_service
from tests.users.browsing import PASSWORD, SESSION, Browser, add_person, audited, signed_in_browser

NEW_PASSWORD = "four small words here"  # noqa: S105 - of people who live for one test


@pytest.fixture
def person(service: Service) -> Person:
    return add_person(service, service.tenant().id)


@pytest.fixture
def browser(service: Service, person: Person) -> Browser:
    return signed_in_browser(service, person)


def test_the_cookie_is_for_this_host_over_tls_and_no_script(service: Service, person: Person) -> None:
    answer = Browser(service).sign_in(person.login)
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith(f"{SESSION}=")]
    assert {part.strip() for part in cookie.split(";")[1:]} == {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}


def test_the_database_holds_no_token(service: Service, person: Person, browser: Browser) -> None:
    token = browser.cookie()
    assert token is not None
    assert len(token) == 43
    kept = state(service.database, _tenant(service, person))
    assert len(kept["user_sessions"]) == 1
    assert token not in str(kept)
    assert PASSWORD not in str(kept)
    (stored,) = service.database.rows("SELECT token_hash FROM user_sessions WHERE user_id = :id", id=person.id)
    thief = Browser(service)
    thief.set_cookie(stored[0])
    assert not thief.is_signed_in()


def test_a_token_that_was_there_before_is_not_the_sessions(service: Service, person: Person) -> None:
    """Fixation: whoever placed a token in the browser does not share the session that is opened in it."""
    planted = new_token()
    browser, attacker = Browser(service), Browser(service)
    browser.set_cookie(planted)
    attacker.set_cookie(planted)
    assert browser.sign_in(person.login).status_code == 303
    assert browser.cookie() != planted
    assert browser.is_signed_in()
    assert not attacker.is_signed_in()


def test_signing_in_as_someone_else_ends_the_session_of_before(service: Service, browser: Browser) -> None:
    other = add_person(service, service.tenant().id)
    former = browser.cookie()
    assert former is not None
    # The page would lead on; its form is sent all the same, as from a tab that was open before.
    fresh = Browser(service)
    token = fresh.form_token("/sign-in")
    fresh.set_cookie(former)
    fields = {"csrf_token": token, "login": other.login, "password": PASSWORD}
    assert fresh.post("/sign-in", fields, {"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert other.name in fresh.get("/account").text
    assert not browser.is_signed_in()


@pytest.mark.parametrize("change", ["cut", "longer", "another", "case", "empty", "quotes", "two"])
def test_a_changed_cookie_is_no_session(service: Service, browser: Browser, change: str) -> None:
    token = browser.cookie()
    assert token is not None
    changed = {
        "cut": token[:-1],
        "longer": f"{token}A",
        "another": ("A" if token[0] != "A" else "B") + token[1:],
        "case": token.swapcase(),
        "empty": "",
        "quotes": f'"{token}x"',
        "two": f"{token}.{token}",
    }[change]
    thief = Browser(service)
    thief.set_cookie(changed)
    assert thief.get("/account").status_code == 303
    assert thief.post("/sign-out", {}).status_code == 303
    assert browser.is_signed_in()


def test_a_session_is_over_after_an_hour_unused(service: Service, browser: Browser) -> None:
    service.clock.advance(minutes=59)
    assert browser.is_signed_in()
    service.clock.advance(minutes=59)
    assert browser.is_signed_in(), "the look an hour ago was a use"
    service.clock.advance(minutes=60)
    assert not browser.is_signed_in()


def test_a_session_is_over_after_twelve_hours_of_work(service: Service, browser: Browser) -> None:
    for _ in range(23):
        service.clock.advance(minutes=30)
        assert browser.is_signed_in()
    service.clock.advance(minutes=30)
    assert not browser.is_signed_in()


def test_a_look_writes_once_a_minute_at_most(service: Service, person: Person, browser: Browser) -> None:
    tenant_id = _tenant(service, person)
    before = state(service.database, tenant_id)
    for _ in range(3):
        service.clock.advance(seconds=19)
        assert browser.is_signed_in()
    assert not differences(before, state(service.database, tenant_id))
    service.clock.advance(seconds=3)
    assert browser.is_signed_in()
    assert set(differences(before, state(service.database, tenant_id))) == {"user_sessions"}


def test_signing_out_ends_the_session_and_not_only_the_cookie(service: Service, person: Person, browser: Browser) -> None:
    token = browser.cookie()
    assert token is not None
    answer = browser.submit("/account", "/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert browser.cookie() is None
    browser.set_cookie(token)
    assert not browser.is_signed_in()
    assert audited(service, person)[-1] == ("sign-out", f"user:{person.id}")


def test_two_sessions_are_apart_and_end_together(service: Service, person: Person, browser: Browser) -> None:
    at_home, third = signed_in_browser(service, person), signed_in_browser(service, person)
    third.submit("/account", "/sign-out")
    assert (browser.is_signed_in(), at_home.is_signed_in(), third.is_signed_in()) == (True, True, False)
    colleague = signed_in_browser(service, add_person(service, _tenant(service, person)))
    answer = browser.submit("/account", "/sign-out-everywhere")
    assert answer.headers["Location"] == "/sign-in?after=everywhere"
    assert (browser.is_signed_in(), at_home.is_signed_in()) == (False, False)
    assert colleague.is_signed_in()
    assert audited(service, person)[-1] == ("sign-out-everywhere", f"user:{person.id}")


def test_a_new_password_ends_all_sessions(service: Service, person: Person, browser: Browser) -> None:
    elsewhere = signed_in_browser(service, person)
    answer = _change(browser, PASSWORD, NEW_PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?after=changed")
    assert not browser.is_signed_in()
    assert not elsewhere.is_signed_in()
    assert Browser(service).sign_in(person.login).status_code == 403
    assert Browser(service).sign_in(person.login, NEW_PASSWORD).status_code == 303
    assert ("change-password", f"user:{person.id}") in audited(service, person)


def test_a_password_is_not_changed_without_the_old_one(service: Service, person: Person, browser: Browser) -> None:
    """Whoever finds a browser open cannot take the account, nor guess the password faster than at the door."""
    answers = [_change(browser, "not the password", NEW_PASSWORD) for _ in range(6)]
    assert {answer.status_code for answer in answers} == {422}
    assert "Wait 2 seconds" in answers[-1].text
    assert _change(browser, PASSWORD, NEW_PASSWORD).status_code == 422
    assert Browser(service).sign_in(person.login).status_code == 403
    service.clock.advance(seconds=2)
    assert Browser(service).sign_in(person.login).status_code == 303


@pytest.mark.parametrize(
    ("chosen", "again", "said"),
    [
        ("short", "short", "at least 10 characters"),
        ("password1234", "password1234", "commonest"),
        (NEW_PASSWORD, NEW_PASSWORD + "x", "not the same"),
    ],
)
def test_a_bad_new_password_changes_nothing(browser: Browser, chosen: str, again: str, said: str) -> None:
    answer = _change(browser, PASSWORD, chosen, again)
    assert answer.status_code == 422
    assert said in answer.text
    assert browser.is_signed_in()


def test_a_disabled_person_is_out_at_once(service: Service, person: Person, browser: Browser) -> None:
    database, context = service.app.extensions["database"], _operator(service, person)
    database.transact(disable_person, context, person.id)
    assert not browser.is_signed_in()
    assert Browser(service).sign_in(person.login).status_code == 403
    database.transact(enable_person, context, person.id)
    assert not browser.is_signed_in(), "the sessions of before stay ended"
    assert Browser(service).sign_in(person.login).status_code == 303


def test_a_password_changed_while_it_is_verified_opens_nothing(
    service: Service, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hash is slow: what was right when it began may be wrong when it ends."""
    verify = PasswordHasher.verify

    def meanwhile(*given: Any) -> bool:
        right = verify(*given)
        service.app.extensions["database"].transact(disable_person, _operator(service, person), person.id)
        return right

    monkeypatch.setattr(PasswordHasher, "verify", meanwhile)
    assert Browser(service).sign_in(person.login).status_code == 403
    assert service.database.rows("SELECT id FROM user_sessions WHERE user_id = :id", id=person.id) == []


def test_no_connection_is_held_while_a_password_is_hashed(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    own = start_service(service.database, service.clock, database_pool_size=1)
    person = add_person(own, own.tenant().id)
    pool = own.app.extensions["database"].engine.pool
    held: list[int] = []

    def watched(slow: Any) -> Any:
        def run(*given: Any) -> Any:
            held.append(pool.checkedout())
            return slow(*given)

        return run

    monkeypatch.setattr(PasswordHasher, "verify", watched(PasswordHasher.verify))
    monkeypatch.setattr(PasswordHasher, "hash", watched(PasswordHasher.hash))
    browser = signed_in_browser(own, person)
    assert _change(browser, PASSWORD, NEW_PASSWORD).status_code == 303
    assert held == [0, 0, 0]


def test_an_old_hash_is_made_anew_at_the_next_sign_in(service: Service, person: Person) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    service.database.execute("UPDATE users SET password_hash = :old WHERE id = :id", old=old, id=person.id)
    assert signed_in_browser(service, person).is_signed_in()
    ((kept,),) = service.database.rows("SELECT password_hash FROM users WHERE id = :id", id=person.id)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert signed_in_browser(service, person).is_signed_in()


def test_ended_sessions_do_not_pile_up(service: Service, person: Person) -> None:
    for _ in range(3):
        signed_in_browser(service, person)
    service.clock.advance(days=2)
    signed_in_browser(service, person)
    assert len(service.database.rows("SELECT id FROM user_sessions WHERE user_id = :id", id=person.id)) == 1


def test_the_audit_log_names_nobody(service: Service, person: Person, browser: Browser) -> None:
    Browser(service).sign_in(person.login, "not the password")
    browser.submit("/account", "/sign-out")
    entries = audited(service, person)
    by = f"user:{person.id}"
    assert entries == [("create", "the tests"), ("sign-in", by), ("sign-in-failed", "sign-in"), ("sign-out", by)]
    kept = str(state(service.database, _tenant(service, person))["audit_log"])
    for word in (person.login, person.name, "Meera"):
        assert word not in kept


def test_people_of_another_pharmacy_are_not_there(service: Service, person: Person, browser: Browser) -> None:
    """A person's tenant is that of their row: what another does changes nothing here."""
    stranger = add_person(service, service.tenant().id, role="admin")
    mine = state(service.database, _tenant(service, person))
    theirs = signed_in_browser(service, stranger)
    theirs.submit("/account", "/sign-out-everywhere")
    assert person.name not in theirs.get("/sign-in").text
    assert not differences(mine, state(service.database, _tenant(service, person)))
    assert browser.is_signed_in()


def _change(browser: Browser, old: str, new: str, again: str | None = None) -> Any:
    fields = {"password": old, "new_password": new, "new_password_again": new if again is None else again}
    return browser.submit("/account", "/account/password", fields)


def _tenant(service: Service, person: Person) -> int:
    ((tenant_id,),) = service.database.rows("SELECT tenant_id FROM users WHERE id = :id", id=person.id)
    return int(tenant_id)


def _operator(service: Service, person: Person) -> Context:
    return Context(_tenant(service, person), "operator", service.clock.now)


@pytest.fixture(autouse=True)
def _clock(service: Service) -> Iterator[None]:
    yield
    service.clock.reset()
