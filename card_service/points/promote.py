"""Asking the campaigns about a bill: by calculate and by earn alike, so that the two cannot differ."""

from collections.abc import Sequence

from card_service.campaigns.campaign import REFERRAL
from card_service.campaigns.counters import standings
from card_service.campaigns.load import campaigns_of
from card_service.campaigns.rules import Visit, judge, needs_standing, runs
from card_service.kit.db.session import Session
from card_service.points.due_bonuses import brings_a_friend
from card_service.points.look import Seen
from card_service.points.promotion import Promoted, Promotion, apply, takes_part
from card_service.points.rules import Line


def promote(session: Session, seen: Seen, lines: Sequence[Line], bill: Promoted, *, tier_id: int | None, lock: bool) -> Promotion:
    """Let the campaigns that run at the bill's instant give what they give; the lines are changed.

    At most one statement, and none where no counter decides; one more where a REFERRAL runs and the bill that had paid for
    the card's referral was taken back. With `lock` what they have left stays so until the COMMIT:
    the cards must be locked before.
    """
    rules = seen.rules
    known = campaigns_of(session, rules.version, rules.updated_at)
    running = [one for one in known if runs(one, bill.at)]
    if not running:
        return Promotion()
    brings_friend = any(one.type == REFERRAL for one in running) and brings_a_friend(
        session, seen, bill.amount, referrer_is_active=bill.referrer_id is not None
    )
    visit = Visit(
        bill.at,
        rules.timezone,
        rules.points_to_amount_rate,
        rules.points_precision,
        tier_id,
        seen.segments if bill.card_id is not None else frozenset(),
        bill.amount,
        frozenset(line.category_id for line in lines if takes_part(line, rules)),
        brings_friend,
    )
    decided_by = [one.id for one in running if needs_standing(one, visit)]
    found = standings(session, decided_by, bill.card_id, bill.referrer_id if brings_friend else None, lock=lock)
    return apply(judge(running, visit, found), lines, rules, bill)
