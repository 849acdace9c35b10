"""A card as its tiers see it: where it stands, and what its bills of the last days add up to."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from card_service.kit.db.session import Session
from card_service.kit.db.statement import TENANT, Statement
from card_service.ledger.figures import Figures, Running, read_running, write_running
from card_service.models.cards import loyalty_cards as card
from card_service.tiers.ladder import InForce
from card_service.tiers.rules import Ladder, Standing, Tier
from card_service.tiers.shown import Progress, TierShown, show_progress, show_tier
from card_service.tiers.sums import sum_up

STANDING_COLUMNS = {
    "tier_id": card.c.tier_id,
    "since": card.c.tier_since,
    "grace_until": card.c.tier_grace_until,
    "held_id": card.c.tier_held_id,
    "held_until": card.c.tier_held_until,
    "lifted_by": card.c.tier_lifted_by,
}
MEMBER_COLUMNS = (*STANDING_COLUMNS.values(), card.c.tier_figures, card.c.program_id, card.c.first_earned_at)
"""What a statement selects of a card to make its `TierRow`."""


@dataclass(frozen=True, slots=True)
class TierRow:
    """What the row of a card says; `figures` is a document, None where the bills must be added up."""

    standing: Standing = field(default_factory=Standing)
    figures: str | None = None
    program_id: int | None = None
    has_earned: bool = False

    @classmethod
    def of(cls, *values: Any) -> "TierRow":
        """Read the values of MEMBER_COLUMNS."""
        *standing, figures, program_id, first_earned_at = values
        return cls(Standing(*standing), figures, program_id, first_earned_at is not None)


_stored = Statement(select(*MEMBER_COLUMNS).where(card.c.tenant_id == TENANT, card.c.id == bindparam("card_id")), TierRow.of)


@dataclass(slots=True)
class Member:
    """A card on the ladder that applies to it. Without any tier `running` is None, and nothing is kept."""

    card_id: int
    ladder: Ladder
    zone: str
    stored: TierRow
    standing: Standing
    running: Running | None

    @property
    def tier(self) -> Tier | None:
        """The tier that the card is in."""
        return self.ladder.holding(self.standing.tier_id)

    @property
    def windows(self) -> Mapping[int, Figures]:
        """The figures by the days of their windows."""
        return self.running.windows if self.running else {}

    @property
    def shown(self) -> TierShown | None:
        """The tier as answers show it."""
        return show_tier(self.tier)

    @property
    def progress(self) -> Progress | None:
        """The way to the next tier."""
        return show_progress(self.ladder, self.tier, self.windows)

    def changed_columns(self) -> dict[str, Any]:
        """Give the columns of the card that are no longer as they were read."""
        changed: dict[str, Any] = {}
        if self.standing != self.stored.standing:
            changed = {STANDING_COLUMNS[name].name: value for name, value in asdict(self.standing).items()}
        document = write_running(self.running) if self.running else None
        if document != self.stored.figures:
            changed["tier_figures"] = document
        return changed


def find_stored(session: Session, card_id: int) -> TierRow | None:
    """Read what a card's row says, None if there is no such card."""
    return session.one(_stored, card_id=card_id)


def read_stored(session: Session, card_id: int) -> TierRow:
    """Read what the row of a locked card says."""
    return find_stored(session, card_id) or TierRow()


def open_member(session: Session, now: datetime, card_id: int, stored: TierRow, in_force: InForce) -> Member:
    """Give a card its figures: those that run beside it while they are exact, else its bills are added up again."""
    ladder, zone = in_force.ladder.of_program(stored.program_id), in_force.zone
    running = exact_figures(now, stored, ladder, zone)
    if running is None and ladder.tiers:
        running = sum_up(session, now, card_id, ladder.periods, zone)
    return Member(card_id, ladder, zone, stored, stored.standing, running)


def exact_figures(now: datetime, stored: TierRow, ladder: Ladder, zone: str) -> Running | None:
    """Give what runs beside the card if it is exact, for the windows of the ladder only; a card without bills has 0."""
    if not ladder.tiers:
        return None
    periods, running = ladder.periods, read_running(stored.figures)
    if running is None:
        return None if stored.has_earned else Running(zone, {days: Figures() for days in periods})
    if not running.is_exact(now, zone, periods):
        return None
    if len(running.windows) == len(periods):
        return running
    return Running(zone, {days: running.windows[days] for days in periods})
