"""Giving the points that customers have the dates of the present policy: first what that would do, then doing it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from typing import Any

from card_service.card_config.audit_log import record_change
from card_service.card_config.load import load_rulebook
from card_service.card_config.lot_dates import PolicyDates
from card_service.card_config.settings import VersionConflict
from card_service.kit.context import Context
from card_service.kit.days import last_day
from card_service.kit.db.database import Database
from card_service.kit.db.session import Session
from card_service.kit.pace import Pace, too_many_cards
from card_service.kit.wire import Answer
from card_service.ledger.idempotency import find_answer, fingerprint, keep_answer
from card_service.ledger.redate import Touched, redate_card, survey

OPERATION = "apply-expiry"


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


def apply_expiry(
    database: Database, context: Context, request: ApplyExpiry, pace: Pace, clock: Callable[[], datetime]
) -> ExpiryApplied:
    """Give every open lot the date of the policy in force, card by card, each in a transaction of its own.

    One transaction for all would hold every lock of the tenant until its end. A card that is done is not touched by the same
    policy again, so that what a crash or the time left undone is done by sending it again. Raises VersionConflict, and
    ValidationFailed, which names the command that takes its time, where looking at all cards takes longer than it may.
    """
    database.read(find_answer, context, OPERATION, fingerprint(request))
    dates = database.read(_dates, context)
    touched = _survey_all(database, context, dates, pace)
    done, left = touched, len(touched.cards)
    if not request.dry_run:
        if request.confirm_cards != len(touched.cards):
            detail = f"This would now touch {len(touched.cards)} cards"
            raise VersionConflict(detail)
        # Kept before the first card: of one that is killed the log says at least what was begun, and by whom.
        database.transact(_record_begin, context, len(touched.cards))
        done = _redate_all(database, replace(context, idempotency_key=None), dates, touched.cards, pace, clock)
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


def _survey_all(database: Database, context: Context, dates: PolicyDates, pace: Pace) -> Touched:
    touched, after, began = Touched(), 0, monotonic()
    while True:
        more, last = database.read(survey, context, dates, after)
        touched.add(more)
        if last is None:
            return touched
        if monotonic() - began > pace.looking:
            raise too_many_cards(f"card-service tenant apply-expiry --tenant {context.tenant_id}")
        pace.tell(len(more.cards), 0, last)
        after = last


def _redate_all(
    database: Database, context: Context, dates: PolicyDates, card_ids: list[int], pace: Pace, clock: Callable[[], datetime]
) -> Touched:
    done = Touched()
    for card_id in pace.while_time(card_ids):
        one = database.transact(redate_card, replace(context, now=clock()), dates, card_id)
        one.cards = [card_id]
        done.add(one)
    return done


def _last_day(ends_at: datetime | None, dates: PolicyDates) -> date | None:
    return None if ends_at is None else last_day(ends_at, dates.rules.timezone)


def _record_begin(session: Session, context: Context, cards: int) -> None:
    _log(session, context, "begin to apply expiry", {"cards": cards})


def _record(session: Session, context: Context, request: ApplyExpiry, result: ExpiryApplied) -> None:
    """Say in the audit log what was done, and keep the answer for the caller's key."""
    if not request.dry_run:
        figures = {"lots": result.lots, "points": result.points, "expired": result.points_expiring_at_once}
        _log(session, context, "apply expiry", {"cards": result.cards, **figures})
    if context.idempotency_key is not None:
        keep_answer(session, context, OPERATION, fingerprint(request), result)


def _log(session: Session, context: Context, action: str, after: dict[str, Any]) -> None:
    record_change(session, context, entity="card_config", entity_id=session.tenant_id, action=action, after=after)
