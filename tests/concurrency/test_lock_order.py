"""Cards are locked in one order, so that requests queue up behind each other and none is a deadlock's victim."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

from tests.concurrency.pharmacy import Pharmacy
from tests.concurrency.together import insisting, together
from tests.servers.clients import Answer
from tests.servers.processes import LiveServer

COLLISIONS = {"deadlock", "changed", "duplicate_key", "lock_timeout"}


def test_a_circle_of_referrers_earns_without_a_deadlock(live_server: LiveServer, pharmacy: Pharmacy) -> None:
    """No card can be linked into a ring any more, but one of before the guard may stand in a database."""
    circle = [pharmacy.card() for _ in range(3)]
    for card, referrer in pairwise(circle):
        assert pharmacy.change(card, "link-referrer", {"referrerCardId": referrer}).status == 200
    sql = "UPDATE loyalty_cards SET referrer_card_id = :first WHERE tenant_id = :tenant AND id = :last"
    assert live_server.database.execute(sql, first=circle[0], last=circle[2], tenant=pharmacy.tenant.id) == 1
    before = collisions(live_server)

    answers = together([partial(_buy, pharmacy, card, 6) for card in circle * 4])

    assert {answer.status for bought in answers for answer in bought} == {200}
    assert collisions(live_server) == before
    # Each card had 24 bills of its own, and is paid for 24 of the card that it referred.
    assert [pharmacy.balance(card) for card in circle] == [24 * 25 + 24 * 10] * 3
    pharmacy.assert_books_balance()


def test_requests_for_one_card_wait_for_its_lock_instead_of_colliding(live_server: LiveServer, pharmacy: Pharmacy) -> None:
    card = pharmacy.card(500)
    before = collisions(live_server)

    answers: list[list[Answer]] = together(
        [
            *(partial(_buy, pharmacy, card, 4) for _ in range(6)),
            *(partial(_once, insisting(pharmacy.redeem, card, pharmacy.new_bill(), 10)) for _ in range(6)),
            *(partial(_once, insisting(pharmacy.adjust, card, 1)) for _ in range(6)),
        ]
    )

    assert {answer.status for sent in answers for answer in sent} == {200}
    assert collisions(live_server) == before
    assert pharmacy.balance(card) == 500 + 24 * 25 - 60 + 6
    pharmacy.assert_books_balance()


def collisions(server: LiveServer) -> dict[str, float]:
    """Read how often a use case ran again because it met another, by cause, over all workers."""
    text = server.root.get("/metrics").text
    found: dict[str, float] = {}
    for line in text.splitlines():
        name, _, value = line.rpartition(" ")
        if name.startswith("card_service_retries_total{"):
            found[name.partition('cause="')[2].rstrip('"}')] = float(value)
    return {cause: count for cause, count in found.items() if cause in COLLISIONS}


def _buy(pharmacy: Pharmacy, card: int, times: int) -> list[Answer]:
    return [insisting(pharmacy.earn, card, pharmacy.new_bill())() for _ in range(times)]


def _once(call: Callable[[], Answer]) -> list[Answer]:
    return [call()]
