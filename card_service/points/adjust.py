"""Adjusting: an administrator gives or takes points, and says why."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from card_service.card_config.load import load_rulebook
from card_service.card_config.lot_dates import validity_of
from card_service.card_config.rulebook import Rulebook
from card_service.cards.find import CardNotActive, CardNotFound
from card_service.kit.context import Context
from card_service.kit.days import end_of
from card_service.kit.db.session import Session
from card_service.kit.errors import ValidationFailed
from card_service.kit.wire import Answer
from card_service.ledger.books import lock_cards
from card_service.ledger.posting import Posting
from card_service.ledger.validity import FOR_EVER, HAND, Validity
from card_service.points.redemption import InsufficientPoints
from card_service.programs.cash_back import CashBack
from card_service.programs.load import money_of

OPERATION = "adjust-points"


@dataclass(frozen=True, slots=True)
class AdjustPoints:
    """Signed points and the reason; `expires_at` is the last valid day of points given."""

    card_id: int
    points: Decimal
    reason: str
    expires_at: date | None = None


class PointsAdjusted(Answer, frozen=True):
    """What was given or taken; `expires_at` is the first instant at which the points are no longer valid."""

    card_id: int
    points_adjusted: Decimal
    new_balance: Decimal
    expires_at: datetime | None
    cash_back: CashBack | None


def adjust_points(session: Session, context: Context, request: AdjustPoints) -> PointsAdjusted:
    """Post an adjustment.

    Raises CardNotFound, CardNotActive for a closed card, ValidationFailed for a date that is over or does not
    belong, InsufficientPoints for taking more than there is.
    """
    books = lock_cards(session, (request.card_id,))
    if not books:
        raise CardNotFound
    book = books[request.card_id]
    if book.status == "CLOSED":
        raise CardNotActive
    rules = load_rulebook(session)
    validity = _validity(rules, context, request)
    posting = Posting(session, context)
    posting.settle(book)
    expires_at = None
    if request.points > 0:
        posting.credit(book, "ADJUSTED", request.points, reference="ADJUSTMENT", validity=validity, description=request.reason)
        expires_at = book.expiry_of(validity)
    else:
        if -request.points > book.balance:
            detail = f"The card has {book.balance} points"
            raise InsufficientPoints(detail, availablePoints=book.balance)
        lots = [lot for lot in posting.open_lots(book) if lot.is_available(context.now)]
        posting.debit(book, "ADJUSTED", -request.points, reference="ADJUSTMENT", lots=lots, description=request.reason)
    posting.write()
    return PointsAdjusted(
        card_id=book.card_id,
        points_adjusted=request.points,
        new_balance=book.balance,
        expires_at=expires_at,
        cash_back=money_of(session, rules, book),
    )


def _validity(rules: Rulebook, context: Context, request: AdjustPoints) -> Validity:
    """Tell until when points given are valid: by the day named, which stays, else by the policy."""
    if request.points < 0:
        if request.expires_at is not None:
            raise ValidationFailed({"expiresAt": ["Only points that are given can expire."]})
        return FOR_EVER
    if request.expires_at is None:
        return validity_of(rules, context.now)
    expires_at = end_of(request.expires_at, rules.timezone)
    if expires_at <= context.now:
        raise ValidationFailed({"expiresAt": ["Must be today or later."]})
    return Validity(expires_at=expires_at, dated_by=HAND)
