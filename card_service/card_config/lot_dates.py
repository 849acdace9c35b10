"""The dates of points that are credited now, by the rules in force; docs/programme.md section 1 says what they mean."""

from datetime import datetime, timedelta

from card_service.card_config.rulebook import Rulebook
from card_service.card_config.rules import last_valid_day
from card_service.kit.days import day_of, end_of, start_of
from card_service.ledger.validity import ACTIVITY, FOR_EVER, Validity

INACTIVITY = "INACTIVITY"


def validity_of(rules: Rulebook, now: datetime, pending_days: int = 0) -> Validity:
    """Give the validity of points that are credited now and pending for so many of the tenant's days.

    What a bill credits is pending for `rules.pending_days`; everything else is available at once, or has days of its own.
    """
    if not pending_days and rules.expiry_policy == "NONE":
        return FOR_EVER
    day = day_of(now, rules.timezone) + timedelta(days=pending_days)
    last = last_valid_day(rules.expiry_policy, rules.expiry_months, day)
    ends_at = end_of(last, rules.timezone) if last is not None else None
    available_at = start_of(day, rules.timezone) if pending_days else None
    if rules.expiry_policy == INACTIVITY:
        return Validity(available_at, None, ends_at, ACTIVITY)
    return Validity(available_at, ends_at)


def active_until(rules: Rulebook, now: datetime) -> datetime | None:
    """Tell until when an earn or a redemption of now keeps a card active; None where activity does not count."""
    if rules.expiry_policy != INACTIVITY:
        return None
    last = last_valid_day(INACTIVITY, rules.expiry_months, day_of(now, rules.timezone))
    return end_of(last, rules.timezone) if last is not None else None
