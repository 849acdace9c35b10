"""Guessing passwords: each failure costs, whichever worker is asked, and nothing tells whether a login exists."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher

from tests.patience import PATIENCE_SECONDS
from tests.servers.processes import LiveServer
from tests.servers.service import Service, start_service
from tests.users.browsing import PASSWORD, Browser, add_person, audited

WRONG = "not the password"
NOBODY = "nobody-has-this-login"
LOCKED_SECONDS = 1.8
TRIES = 3


def _waits(page: str) -> int:
    found = re.search(r"Wait (\d+) seconds", page)
    return int(found.group(1)) if found else 0


def test_five_tries_are_free_then_each_waits_twice_as_long(service: Service) -> None:
    person, browser = add_person(service, service.tenant().id), Browser(service)
    for _ in range(5):
        assert _waits(browser.sign_in(person.login, WRONG).text) == 0
    for seconds in (2, 4, 8):
        assert _waits(browser.sign_in(person.login, WRONG).text) == seconds
        service.clock.advance(seconds=seconds - 1)
        locked = browser.sign_in(person.login)
        assert (locked.status_code, _waits(locked.text)) == (403, 1), "the right password opens nothing while it is locked"
        service.clock.advance(seconds=1)
    assert browser.sign_in(person.login).status_code == 303
    assert _waits(Browser(service).sign_in(person.login, WRONG).text) == 0, "a success counts from nothing again"


def test_tries_while_it_is_locked_do_not_lock_it_longer(service: Service) -> None:
    person, browser = add_person(service, service.tenant().id), Browser(service)
    for _ in range(6):
        browser.sign_in(person.login, WRONG)
    before = len(audited(service, person))
    for _ in range(20):
        assert _waits(browser.sign_in(person.login, WRONG).text) == 2
    assert len(audited(service, person)) == before, "an attacker must not fill the audit log"
    service.clock.advance(seconds=2)
    assert browser.sign_in(person.login).status_code == 303


def test_a_lock_is_a_quarter_of_an_hour_at_most(service: Service) -> None:
    person, browser, longest = add_person(service, service.tenant().id), Browser(service), 0
    for _ in range(20):
        wait = _waits(browser.sign_in(person.login, WRONG).text)
        longest = max(longest, wait)
        service.clock.advance(seconds=wait)
    assert longest == 900


def test_failures_are_forgotten_after_a_day(service: Service) -> None:
    person, browser = add_person(service, service.tenant().id), Browser(service)
    for _ in range(5):
        browser.sign_in(person.login, WRONG)
    service.clock.advance(hours=24)
    assert _waits(browser.sign_in(person.login, WRONG).text) == 0


def test_nobody_and_somebody_get_the_same_answers(service: Service) -> None:
    """Unknown, known, disabled: the same pages, waits and headers, free tries, a lock, and while it is locked."""
    tenant = service.tenant()
    known = add_person(service, tenant.id)
    disabled = add_person(service, tenant.id)
    service.database.execute("UPDATE users SET is_active = 0 WHERE id = :id", id=disabled.id)
    seen = []
    for login in (known.login, disabled.login, f"{NOBODY}-{service.database.kind}", "two words"):
        service.clock.reset()
        browser = Browser(service)
        answers = [browser.sign_in(login, WRONG) for _ in range(7)]
        seen.append([(a.status_code, _bare(a.text, login), sorted(a.headers.keys())) for a in answers])
    assert all(one == seen[0] for one in seen[1:])
    assert {status for status, _, _ in seen[0]} == {403}


def _bare(page: str, login: str) -> str:
    """Leave out what each browser has of its own: the token, and the login as it was typed."""
    return re.sub(r"[0-9a-f]{64}", "", page).replace(f'value="{login}"', 'value=""')


def test_nobody_and_somebody_take_the_same_steps(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes time: one verification of argon2 and two transactions that write, whoever is asked for."""
    hashed: list[object] = []
    written: list[str] = []
    database = service.app.extensions["database"]
    verify, transact = PasswordHasher.verify, type(database).transact

    def watched_verify(*given: Any) -> bool:
        hashed.append(given)
        return verify(*given)

    def watched_transact(self: Any, use_case: Any, *rest: Any) -> Any:
        written.append(use_case.__name__)
        return transact(self, use_case, *rest)

    monkeypatch.setattr(PasswordHasher, "verify", watched_verify)
    monkeypatch.setattr(type(database), "transact", watched_transact)
    person = add_person(service, service.tenant().id)
    steps = []
    for login in (person.login, f"{NOBODY}-steps-{service.database.kind}"):
        browser = Browser(service)
        hashed.clear()
        written.clear()
        browser.sign_in(login, WRONG)
        steps.append((len(hashed), tuple(written)))
    assert steps[0] == steps[1] == (1, ("begin_sign_in", "fail_sign_in"))


def test_capitals_are_no_way_around_the_lock(service: Service) -> None:
    person, browser = add_person(service, service.tenant().id), Browser(service)
    for number in range(6):
        browser.sign_in(person.login.upper() if number % 2 else f" {person.login.title()} ", WRONG)
    assert browser.sign_in(person.login).status_code == 403


def test_a_locked_login_locks_no_other(service: Service) -> None:
    tenant = service.tenant()
    one, other, browser = add_person(service, tenant.id), add_person(service, tenant.id), Browser(service)
    for _ in range(7):
        browser.sign_in(one.login, WRONG)
    assert browser.sign_in(other.login).status_code == 303


def test_an_address_that_fails_too_often_is_refused(service: Service) -> None:
    limited = start_service(service.database, service.clock, failed_auth_limit="3 per minute")
    person = add_person(limited, limited.tenant().id)
    attacker, neighbour = Browser(limited), Browser(limited)
    statuses = [attacker.sign_in(f"guess-{number}", WRONG).status_code for number in range(4)]
    assert statuses == [403, 403, 403, 429]
    assert neighbour.sign_in(person.login).status_code == 303
    assert attacker.sign_in(person.login).status_code == 303, "only failures are refused: a shop shares its address"


def test_a_hundred_guesses_at_once_are_a_hundred_failures(service: Service) -> None:
    """Counted before they are judged: however many arrive together, five are judged and one locks."""
    person = add_person(service, service.tenant().id)
    browsers = [Browser(service) for _ in range(24)]
    for browser in browsers:
        browser.get("/sign-in")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda browser: browser.sign_in(person.login, WRONG), browsers))
    assert sorted(action for action, _ in audited(service, person)) == ["create", "lock", *["sign-in-failed"] * 5]


@pytest.fixture
def connections(live_server: LiveServer) -> Iterator[list[HTTPConnection]]:
    made = [HTTPConnection("127.0.0.1", live_server.port, timeout=PATIENCE_SECONDS) for _ in range(16)]
    yield made
    for one in made:
        one.close()


def test_workers_of_a_real_server_count_together(
    live_server: LiveServer, service: Service, connections: list[HTTPConnection]
) -> None:
    """Sixteen connections spread over the processes: after six failures the right password is refused by all of them."""
    assert live_server.database is service.database
    # The server has the real clock, so a machine that stalls for the two seconds of the lock has shown nothing: again then.
    answers: set[int] = set()
    for _ in range(TRIES):
        person = add_person(service, service.tenant().id)
        for one in connections[:5]:
            assert _over_network(one, person.login, WRONG) == 403
        before_the_lock = time.monotonic()
        assert _over_network(connections[5], person.login, WRONG) == 403
        answers = {_over_network(one, person.login, PASSWORD) for one in connections[6:9]}
        if time.monotonic() - before_the_lock < LOCKED_SECONDS:
            break
    assert answers == {403}


def _over_network(connection: HTTPConnection, login: str, password: str) -> int:
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    page = answer.read().decode()
    cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
    token = re.search(r'name="csrf_token" value="(\w+)"', page)
    assert token is not None
    body = urlencode({"csrf_token": token.group(1), "login": login, "password": password})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sign-in", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.status
