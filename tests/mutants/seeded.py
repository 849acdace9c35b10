"""Defects a later hand could bring in, each as a change of exact text and the test that catches it."""

from dataclasses import dataclass

SQLITE_LINES = "tests/points/test_returns_and_lots.py"
RACES = "tests/concurrency/test_points_races.py"
HELD = "tests/concurrency/test_held_locks.py"
ORDER = "tests/concurrency/test_lock_order.py"
RULES = "tests/points/test_rules.py"
MONEY = "tests/kit/test_money.py"
RUNNER = "tests/kit/test_transactions.py"
AN_ASSERTION = r"(AssertionError|assert )"


@dataclass(frozen=True)
class Change:
    """In a file, replace a text that occurs exactly `times` times."""

    file: str
    old: str
    new: str
    times: int = 1


@dataclass(frozen=True)
class Mutant:
    """A defect, the test that fails because of it, and what that test's failure says (a pattern)."""

    name: str
    changes: tuple[Change, ...]
    caught_by: str
    says: str = AN_ASSERTION


_COMMIT = "session.flush(); session._connection.connection.dbapi_connection.commit()"
_LOCK = (
    Change("card_service/ledger/books.py", "\n    .with_for_update(),\n    Book,", ",\n    Book,"),
    Change("card_service/ledger/books.py", '== bindparam("first")).with_for_update(), Book', '== bindparam("first")), Book'),
)
_SECOND_AND_THIRD_LINE = (
    Change("card_service/ledger/write.py", ', card.c.seq == bindparam(f"locked_seq_{i}"))', ")"),
    Change(
        "migrations/versions/0004_ledger.py",
        'sa.UniqueConstraint("tenant_id", "card_id", "seq", name',
        'sa.UniqueConstraint("tenant_id", "card_id", "seq", "id", name',
    ),
    Change("migrations/versions/0004_ledger.py", '            "opened_seq",\n', '            "opened_seq",\n            "id",\n'),
)

MUTANTS = (
    Mutant(
        "the stored answer is written in a second transaction",
        (
            Change(
                "card_service/ledger/idempotency.py",
                "    body = encode(result)\n",
                f"    {_COMMIT}\n    body = encode(result)\n",
            ),
        ),
        f"{HELD}::test_a_key_whose_first_request_still_runs_is_answered_in_progress[mariadb]",
    ),
    Mutant(
        "an earn that is sent again pays the referrer again",
        (Change("card_service/points/earn.py", "    posting.write()\n", f"    posting.write()\n    {_COMMIT}\n"),),
        f"{HELD}::test_an_earn_cut_off_at_its_last_row_has_paid_nobody_and_later_pays_once[mariadb]",
    ),
    Mutant(
        "no card is locked",
        _LOCK,
        f"{ORDER}::test_requests_for_one_card_wait_for_its_lock_instead_of_colliding[mariadb]",
    ),
    Mutant(
        "no card is locked, and no seq stands behind the lock",
        (*_LOCK, *_SECOND_AND_THIRD_LINE),
        f"{RACES}::test_earns_on_one_card_wait_for_each_other_and_none_is_lost[mariadb]",
    ),
    Mutant(
        "each return is rounded down by itself",
        (
            Change(
                "card_service/points/bill.py",
                "    forgiven: Decimal = ZERO\n",
                "    forgiven: Decimal = ZERO\n    now: Decimal = ZERO\n",
            ),
            Change(
                "card_service/points/returns.py",
                "line.returned += part\n",
                "line.returned += part\n                line.now = part\n",
            ),
            Change(
                "card_service/points/clawback.py",
                "            line.points\n"
                "            - rules.kept(part_that_stays(line, too_small_for), line.left, line.amount, bill.points_precision)\n"
                "            - line.reversed,",
                "            rules.kept(line.points, line.now, line.amount, bill.points_precision),",
            ),
        ),
        f"{SQLITE_LINES}::test_many_small_returns_take_what_one_large_one_takes[sqlite]",
    ),
    Mutant(
        "a return takes today's percentage",
        (
            Change(
                "card_service/points/reverse.py",
                "    was_cancelled = bill.state == CANCELLED\n",
                "    was_cancelled = bill.state == CANCELLED\n"
                "    for line in bill.lines:\n"
                "        line.points = rules.round_down(line.base * seen.rules.percentage_of(line.category_id) / 100)\n",
            ),
        ),
        f"{SQLITE_LINES}::test_a_return_goes_by_the_percentages_of_its_earn_and_not_by_todays[sqlite]",
    ),
    Mutant(
        "a query forgets its tenant: refused when it is imported",
        (
            Change(
                "card_service/cards/card.py",
                "_by_id = Statement(select(*CARD_COLUMNS).where(card.c.tenant_id == TENANT, ",
                "_by_id = Statement(select(*CARD_COLUMNS).where(",
            ),
        ),
        f"{SQLITE_LINES}::test_a_card_of_another_tenant_is_no_card[sqlite]",
        r"TenantNotBoundError: not bound to a tenant: loyalty_cards",
    ),
    Mutant(
        "a query forgets its tenant and says that it may",
        (
            Change(
                "card_service/cards/card.py",
                "_by_id = Statement(select(*CARD_COLUMNS).where(card.c.tenant_id == TENANT, ",
                "_by_id = Statement(select(*CARD_COLUMNS).where(",
            ),
            Change(
                "card_service/cards/card.py",
                '== bindparam("card_id")), card_of)',
                '== bindparam("card_id")), card_of, across_tenants="why not")',
            ),
        ),
        f"{SQLITE_LINES}::test_a_card_of_another_tenant_is_no_card[sqlite]",
    ),
    Mutant(
        "the worth of points goes through a binary float",
        (
            Change(
                "card_service/points/rules.py",
                "    return round_down(points * rate)\n",
                "    return round_down(Decimal(float(points) * float(rate)))\n",
            ),
        ),
        f"{RULES}::test_points_are_worth_their_exact_product_rounded_down",
    ),
    Mutant(
        "half a paisa is rounded as a float is",
        (
            Change(
                "card_service/kit/money.py",
                "    return value.quantize(CENT, ROUND_HALF_UP)\n",
                '    return Decimal(f"{float(value):.2f}")\n',
            ),
        ),
        f"{MONEY}::test_round_half_up_is_the_nearest_hundredth_and_the_upper_one_in_the_middle",
    ),
    Mutant(
        "points are rounded to the nearest instead of down",
        (
            Change(
                "card_service/points/rules.py",
                "line.points = round_down(whole * line.multiplier, rules.points_precision)",
                "line.points = round_half_up(whole * line.multiplier)",
            ),
        ),
        f"{RULES}::test_each_line_earns_its_exact_percentage_rounded_down_once_and_says_why",
    ),
    Mutant(
        "odd paise go to the first lines",
        (
            Change(
                "card_service/kit/money.py",
                "key=lambda i: (-remainders[i], -weights[i][1], weights[i][0], i))",
                "key=lambda i: i)",
            ),
        ),
        f"{MONEY}::test_the_odd_paise_go_to_the_largest_remainders",
    ),
    Mutant(
        "one point more than there is can be spent",
        (Change("card_service/points/redemption.py", "    if points > available:\n", "    if points > available + 1:\n"),),
        f"{SQLITE_LINES}::test_not_one_point_more_than_there_is_can_be_spent[sqlite-1.00]",
    ),
    Mutant(
        "only the first lot is spent",
        (
            Change(
                "card_service/ledger/posting.py",
                "    for lot in lots:\n        if not missing:\n",
                "    for lot in list(lots)[:1]:\n        if not missing:\n",
            ),
        ),
        f"{SQLITE_LINES}::test_a_redemption_takes_the_lot_that_expires_first_and_goes_on_to_the_next[sqlite]",
    ),
    Mutant(
        "lots are spent in the order of their ids",
        (
            Change(
                "card_service/ledger/lots.py",
                "return (self.expires_at is None, self.expires_at or NEVER, self.id)",
                "return (False, NEVER, self.id)",
            ),
        ),
        f"{SQLITE_LINES}::test_a_redemption_takes_the_lot_that_expires_first_and_goes_on_to_the_next[sqlite]",
    ),
    Mutant(
        "any body is taken for a repetition",
        (
            Change(
                "card_service/ledger/idempotency.py",
                "if by_bill is not None and by_bill.fingerprint == print_:",
                "if by_bill is not None:",
            ),
        ),
        f"{SQLITE_LINES}::test_the_same_bill_with_another_body_is_no_repetition[sqlite]",
    ),
    Mutant(
        "an attempt that failed is not undone before the next",
        (
            Change(
                "card_service/kit/db/database.py",
                "                    lease.rollback(error)\n                    cause =",
                "                    cause =",
            ),
        ),
        f"{RUNNER}::test_an_attempt_that_fails_leaves_nothing_for_the_next[mariadb]",
    ),
    Mutant(
        "a violated CHECK runs again",
        (Change("card_service/kit/db/faults.py", "CONFLICTS = {", 'CONFLICTS = {4025: "check", '),),
        "tests/kit/test_faults.py::test_these_codes_never_do_whatever_class_the_driver_gives_them[4025]",
    ),
)
