"""The proof of the books: a card's balance worked out again from its ledger, its lots and its bills.

What is compared is in docs/contract.md section 4. The sums are read a kind at a time for a whole range of cards,
so one card and a thousand cost the same few statements.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from sqlalchemy import bindparam, select

from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger import sums
from card_service.ledger.books import lock_cards
from card_service.ledger.sums import CARD_COLUMNS, NO_BILL, CardSums, StoredCard
from card_service.models.cards import loyalty_cards as cards


class Difference(Answer, frozen=True):
    """Something that does not add up: what was checked, what it should be, and what is stored."""

    check: str
    expected: Decimal
    found: Decimal


class CardAudit(Answer, frozen=True):
    """The proof of one card.

    `unsettled_points` lie in lots past their date that no posting has settled yet: they still count in all sums
    and are no difference.
    """

    card_id: int
    balanced: bool
    differences: list[Difference]
    unsettled_points: Decimal


_card: Statement[StoredCard] = Statement(
    select(*CARD_COLUMNS).where(cards.c.tenant_id == TENANT, cards.c.id == bindparam("card_id")), StoredCard
)


def audit_card(session: Session, context: Context, card_id: int) -> CardAudit | None:
    """Prove one card while holding its lock, None if there is no such card; writes nothing."""
    lock_cards(session, (card_id,))
    proofs = prove(session, context, session.all(_card, card_id=card_id))
    return proofs[0] if proofs else None


def prove(session: Session, context: Context, stored: Sequence[StoredCard]) -> list[CardAudit]:
    """Compare cards, in the order of their ids, with their rows.

    Without their locks a difference may be a posting between two of the statements: look at it again with the lock.
    """
    if not stored:
        return []
    found = sums.read(session, context.now, stored[0].card_id, stored[-1].card_id)
    proofs = []
    for card in stored:
        rows = found[card.card_id]
        checks = [check for check in _checks(card, rows) if check[1] != check[2]]
        differences = [
            Difference(check=name, expected=Decimal(wanted), found=Decimal(there))
            for name, wanted, there in [*checks, *rows.wrong]
        ]
        proofs.append(
            CardAudit(
                card_id=card.card_id,
                balanced=not differences,
                differences=differences,
                unsettled_points=rows.unsettled,
            )
        )
    return proofs


def _checks(card: StoredCard, rows: CardSums) -> Iterator[tuple[str, Decimal | int, Decimal | int]]:
    """Give each check as its name, what it should be, and what is stored."""
    ledger = sum(rows.points_by_type.values(), ZERO)
    yield "balance and pending points are the sum of the ledger", ledger, card.balance + card.pending
    yield "what remains in the lots, less the debt, is the sum of the ledger", ledger, rows.remaining - card.debt
    yield "pending points are those of the pending lots", rows.pending, card.pending
    yield "the running balance of the last entry is the sum of the ledger", ledger, rows.last_balance
    yield "the ledger has as many entries as the card has counted", card.seq, rows.entries
    yield "the entries are numbered without a gap", card.seq, rows.last_seq

    # After a merge the totals are those of all cards together, and nothing is left of them on the cards merged.
    def posted(*types: str) -> Decimal:
        if card.merged_into is not None:
            return ZERO
        return sum((part.get(kind, ZERO) for kind in types for part in (rows.points_by_type, rows.merged_by_type)), ZERO)

    yield (
        "total points earned are those earned, bonuses included, less those reversed",
        posted("EARNED", "BONUS", "REVERSED"),
        card.total_earned,
    )
    redeemed = -posted("REDEEMED", "REDEEM_REVERSED")
    yield "total points redeemed are those redeemed less those given back", redeemed, card.total_redeemed
    referral = posted("REFERRAL_EARNED", "REFERRAL_REVERSED")
    yield "total referral points are those earned less those reversed", referral, card.total_referral
    yield "the bonuses of bills are those that were posted", rows.bonuses_posted, rows.bonuses_of_bills
    for bill_id in sorted(rows.earned_by_bill.keys() | rows.bills.keys()):
        yield from _check_bill(bill_id, rows)


def _check_bill(bill_id: int, rows: CardSums) -> Iterator[tuple[str, Decimal, Decimal]]:
    posted = rows.earned_by_bill.get(bill_id, ZERO)
    bill = rows.bills.get(bill_id, NO_BILL)
    earned, taken_back = (
        sum(part, ZERO) for part in ((line.points for line in bill.lines), (line.reversed for line in bill.lines))
    )
    yield f"bill {bill_id} has earned what was posted for it", posted, bill.points_earned
    yield f"the lines of bill {bill_id} add up to what it has earned", earned, bill.points_earned
    yield f"the lines of bill {bill_id} add up to what was reversed of it", taken_back, bill.points_reversed
