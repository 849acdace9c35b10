"""Giving the points that customers have the dates of the present policy: first what that would do, then doing it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from time import monotonic

from card_service.card_config.audit_log import record_change
from card_service.card_config.load import load_rulebook
from card_service.card_config.lot_dates import PolicyDates
from card_service.card_config.settings import VersionConflict
from card_service.kit.context import Context
from card_service.kit.days import day_of
from card_service.kit.db.session import Session
from card_service.kit.http import blueprint as http
from card_service.kit.wire import Answer
from card_service.ledger.idempotency import find_answer, fingerprint, keep_answer
from card_service.ledger.redate import Touched, redate_card, survey

OPERATION = "apply-expiry"
MOST_SECONDS = 4.0
"""No request takes longer than 8 s; what does not fit is left for the next one."""
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ApplyExpiry:
    """Only tell what would be touched, or do it: then `confirm_cards` is the number of cards that was told."""

    dry_run: bool = True
    confirm_cards: int | None = None


class ExpiryApplied(Answer, frozen=True):
    """The cards, lots and points whose dates change, or have changed.

    `points_expiring_at_once` are those whose new date is over already, `earliest` is the first of the new last valid days,
    `cards_left` counts the cards that are still to be done: send them again as the number confirmed.
    """

    dry_run: bool
    cards: int
    lots: int
    points: Decimal
    points_expiring_at_once: Decimal
    earliest: date | None
    cards_left: int


def apply_expiry(request: ApplyExpiry) -> ExpiryApplied:
    """Give every open lot the date of the policy in force, card by card, each in a transaction of its own.

    One transaction for all would hold every lock of the tenant until its end. A card that is done is not touched by the same
    policy again, so that what a crash or the time left undone is done by sending it again. Raises VersionConflict.
    """
    database, context, print_ = http.database(), http.context(), fingerprint(request)
    database.read(find_answer, context, OPERATION, print_)
    dates = database.read(_dates, context)
    touched = _survey_all(dates)
    done, left = touched, len(touched.cards)
    if not request.dry_run:
        if request.confirm_cards != len(touched.cards):
            detail = f"This would now touch {len(touched.cards)} cards"
            raise VersionConflict(detail)
        done = _redate_all(dates, touched.cards)
        left -= len(done.cards)
    result = ExpiryApplied(
        dry_run=request.dry_run,
        cards=len(done.cards),
        lots=done.lots,
        points=done.points,
        points_expiring_at_once=done.expiring,
        earliest=_last_day(done.earliest, dates),
        cards_left=left,
    )
    if not request.dry_run or context.idempotency_key is not None:
        database.transact(_record, context, request, result)
    return result


def _dates(session: Session, context: Context) -> PolicyDates:  # noqa: ARG001 - a use case
    return PolicyDates(load_rulebook(session))


def _survey_all(dates: PolicyDates) -> Touched:
    touched, after = Touched(), 0
    while True:
        more, last = http.database().read(survey, http.context(), dates, after)
        touched.add(more)
        if last is None:
            return touched
        after = last


def _redate_all(dates: PolicyDates, card_ids: list[int]) -> Touched:
    done, began = Touched(), monotonic()
    each = replace(http.context(), idempotency_key=None)
    for card_id in card_ids:
        if monotonic() - began > MOST_SECONDS:
            break
        one = http.database().transact(redate_card, each, dates, card_id)
        one.cards = [card_id]
        done.add(one)
    return done


def _last_day(ends_at: datetime | None, dates: PolicyDates) -> date | None:
    return None if ends_at is None else day_of(ends_at - _MOMENT, dates.rules.timezone)


def _record(session: Session, context: Context, request: ApplyExpiry, result: ExpiryApplied) -> None:
    """Say in the audit log what was done, and keep the answer for the caller's key."""
    if not request.dry_run:
        record_change(
            session,
            context,
            entity="card_config",
            entity_id=session.tenant_id,
            action="apply expiry",
            before=None,
            after={
                "cards": result.cards,
                "lots": result.lots,
                "points": result.points,
                "expired": result.points_expiring_at_once,
            },
        )
    if context.idempotency_key is not None:
        keep_answer(session, context, OPERATION, fingerprint(request), result)
