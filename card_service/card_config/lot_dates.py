"""The dates of points, by the rules in force; docs/programme.md section 1 says what they mean."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from card_service.card_config.rulebook import Rulebook
from card_service.card_config.rules import last_valid_day
from card_service.kit.days import day_of, end_of, start_of
from card_service.ledger.validity import ACTIVITY, FOR_EVER, POLICY, Validity

INACTIVITY = "INACTIVITY"


def validity_of(rules: Rulebook, now: datetime, pending_days: int = 0) -> Validity:
    """Give the validity of points that are credited now and pending for so many of the tenant's days.

    What a bill credits is pending for `rules.pending_days`; everything else is available at once, or has days of its own.
    """
    if not pending_days and rules.expiry_policy == "NONE":
        return FOR_EVER
    day = day_of(now, rules.timezone) + timedelta(days=pending_days)
    return _dated(rules, day, start_of(day, rules.timezone) if pending_days else None)


def active_until(rules: Rulebook, now: datetime) -> datetime | None:
    """Tell until when an earn or a redemption of now keeps a card active; None where activity does not count."""
    if rules.expiry_policy != INACTIVITY:
        return None
    return _dated(rules, day_of(now, rules.timezone), None).expires_at


@dataclass(frozen=True, slots=True)
class PolicyDates:
    """The dates that lots would have had if these rules had always been in force."""

    rules: Rulebook

    @property
    def counts_activity(self) -> bool:
        """Whether the last earn or redemption of a card counts."""
        return self.rules.expiry_policy == INACTIVITY

    def validity(self, available_at: datetime) -> Validity:
        """Give the dates of a lot that became, or becomes, available at this instant."""
        return _dated(self.rules, day_of(available_at, self.rules.timezone), available_at)

    def active_until(self, last_activity: datetime | None) -> datetime | None:
        """Tell until when a card is active that last earned or redeemed at this instant."""
        return None if last_activity is None else active_until(self.rules, last_activity)


def _dated(rules: Rulebook, day: date, available_at: datetime | None) -> Validity:
    last = last_valid_day(rules.expiry_policy, rules.expiry_months, day)
    ends_at = None if last is None else end_of(last, rules.timezone)
    return Validity(available_at, ends_at, ACTIVITY if rules.expiry_policy == INACTIVITY else POLICY)
