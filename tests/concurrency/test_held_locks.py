"""A lock that somebody else holds: the request waits, ends in time with an answer to act on, and has written nothing."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tests.concurrency.held import cards_locked, transaction, wait_until_blocked
from tests.concurrency.pharmacy import Pharmacy
from tests.concurrency.together import assert_try_again, together
from tests.servers.clients import Answer
from tests.servers.databases import PrivateDatabase

LONGEST_REQUEST_SECONDS = 15.0
KEY = {"Idempotency-Key": "held-1"}
only_mariadb = pytest.mark.parametrize("database", ["mariadb"], indirect=True)
"""SQLite has one lock for the whole file, which the first test is about; rows can be locked on a server only."""


def test_cards_that_stay_locked_are_answered_with_try_again(database: PrivateDatabase, pharmacy: Pharmacy) -> None:
    cards = [pharmacy.card(30) for _ in range(7)]
    to_earn, to_redeem, to_return, to_adjust, to_block, to_merge, target = cards
    bill, paid, returned = pharmacy.new_bill(), pharmacy.new_bill(), pharmacy.new_bill()
    assert pharmacy.earn(to_return, returned).status == 200
    requests: list[Callable[[], Answer]] = [
        lambda: pharmacy.earn(to_earn, bill),
        lambda: pharmacy.redeem(to_redeem, paid, 10),
        lambda: pharmacy.reverse(returned),
        lambda: pharmacy.adjust(to_adjust, 5, KEY),
        lambda: pharmacy.change(to_block, "block", {"reason": "lost"}),
        lambda: pharmacy.change(target, "merge", {"sourceCardId": to_merge}),
    ]
    before = [(pharmacy.show(card), pharmacy.entries(card)) for card in cards]

    with cards_locked(database, cards[:-1]):
        answers = together([partial(_timed, send) for send in requests])

    for answer, took in answers:
        assert_try_again(answer)
        assert took < LONGEST_REQUEST_SECONDS
    assert [(pharmacy.show(card), pharmacy.entries(card)) for card in cards] == before
    again = [send() for send in requests]
    assert [(answer.status, answer.headers.get("Idempotent-Replayed")) for answer in again] == [(200, None)] * 6
    pharmacy.assert_books_balance()


def test_readers_do_not_wait_for_a_locked_card(database: PrivateDatabase, pharmacy: Pharmacy) -> None:
    card = pharmacy.card(30)
    cashier = pharmacy.tenant.cashier

    with cards_locked(database, [card]):
        answers = [cashier.get(f"/cards/{card}{path}") for path in ("", "/balance", "/transactions")]

    # The lock is held all the while: whoever waited for it would be refused in the end.
    assert [answer.status for answer in answers] == [200] * 3


@only_mariadb
def test_a_key_whose_first_request_still_runs_is_answered_in_progress(database: PrivateDatabase, pharmacy: Pharmacy) -> None:
    assert database.server is not None
    card = pharmacy.card(30)

    with transaction(database.server) as cursor:
        cursor.execute(_UNFINISHED, (pharmacy.tenant.id, "adjust-points", "key:held-1"))
        answer, took = _timed(lambda: pharmacy.adjust(card, 5, KEY))

    assert (answer.status, answer.json["code"]) == (409, "REQUEST_IN_PROGRESS")
    assert took < LONGEST_REQUEST_SECONDS
    assert pharmacy.balance(card) == 30
    assert len(pharmacy.entries(card)) == 1
    assert pharmacy.adjust(card, 5, KEY).json["newBalance"] == 35
    pharmacy.assert_books_balance()


@only_mariadb
def test_a_key_whose_first_request_ends_meanwhile_is_judged_by_its_answer(database: PrivateDatabase, pharmacy: Pharmacy) -> None:
    assert database.server is not None
    card = pharmacy.card(30)

    with ThreadPoolExecutor(1) as thread, transaction(database.server) as cursor:
        cursor.execute(_UNFINISHED, (pharmacy.tenant.id, "adjust-points", "key:held-1"))
        waiting = thread.submit(pharmacy.adjust, card, 5, KEY)
        wait_until_blocked(database.server)
        cursor.execute("COMMIT")
        answer = waiting.result()

    # The stored row is another request's, by its fingerprint; what counts is that it was found after the wait.
    assert (answer.status, answer.json["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert pharmacy.balance(card) == 30
    pharmacy.assert_books_balance()


@only_mariadb
def test_an_earn_cut_off_at_its_last_row_has_paid_nobody_and_later_pays_once(
    database: PrivateDatabase, pharmacy: Pharmacy
) -> None:
    assert database.server is not None
    referrer = pharmacy.card()
    card, bill = pharmacy.card(referrerCardId=referrer), pharmacy.new_bill()

    with transaction(database.server) as cursor:
        cursor.execute(_UNFINISHED, (pharmacy.tenant.id, "earn-points", f"bill:{bill}"))
        cut_off = pharmacy.earn(card, bill)

    assert cut_off.status in {409, 503}
    assert (pharmacy.entries(card), pharmacy.entries(referrer)) == ([], [])
    assert pharmacy.earn(card, bill).status == 200
    assert pharmacy.earn(card, bill).headers["Idempotent-Replayed"] == "true"
    assert (pharmacy.balance(card), pharmacy.balance(referrer)) == (25, 10)
    pharmacy.assert_books_balance()


_UNFINISHED = (
    "INSERT INTO idempotency_keys (tenant_id, operation, idempotency_key, fingerprint, status, body, created_at)"
    " VALUES (%s, %s, %s, REPEAT('0', 64), 200, '{}', UTC_TIMESTAMP())"
)
"""The last row of a request that has not committed yet."""


def _timed(send: Callable[[], Answer]) -> tuple[Answer, float]:
    started = time.monotonic()
    answer = send()
    return answer, time.monotonic() - started


@only_mariadb
def test_a_return_finds_the_referrer_where_a_merge_has_taken_it_meanwhile(database: PrivateDatabase, pharmacy: Pharmacy) -> None:
    assert database.server is not None
    kept = pharmacy.card()
    for _ in range(60):  # with few cards the server reads them all, and locks what it reads
        pharmacy.card()
    referrer, heir = pharmacy.card(), pharmacy.card()
    merged, bill = pharmacy.card(referrerCardId=referrer), pharmacy.new_bill()
    database.execute("ANALYZE TABLE loyalty_cards", as_owner=True)
    assert pharmacy.earn(merged, bill).status == 200
    assert pharmacy.change(kept, "merge", {"sourceCardId": merged}).status == 200

    with ThreadPoolExecutor(1) as thread:
        with cards_locked(database, [kept]):
            returning = thread.submit(pharmacy.reverse, bill, cardId=kept)
            wait_until_blocked(database.server)
            assert pharmacy.change(heir, "merge", {"sourceCardId": referrer}).status == 200
        assert returning.result().json["referrerPointsReversed"] == 10

    assert [pharmacy.balance(card) for card in (kept, referrer, heir)] == [0, 0, 0]
    pharmacy.assert_books_balance()
