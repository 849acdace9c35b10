"""Importing one member: the card, its opening points and what it was imported from, in one transaction, once."""

import msgspec

from card_service.cards.issue import IssueCard, issue_card
from card_service.cards.name_referrer import ReferrerRef, check_still_named, id_of_referrer
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.errors import Conflict
from card_service.kit.money import ZERO
from card_service.kit.wire import Answer
from card_service.ledger.idempotency import fingerprint, read_stored, remember
from card_service.ledger.lock import lock_pair, refuse_closed
from card_service.loyalty.member_row import MemberRow
from card_service.points.adjust import AdjustPoints, adjust_points
from card_service.referrals.chain import lock_links
from card_service.referrals.link import link

IMPORT, LINK = "import-member", "import-referrer"
REASON = "opening points of the import"


class ImportedDifferently(Conflict):
    """A row of the same key was imported before, with other contents."""

    title = "Was imported before with other contents: put back what stood here, and change the card itself"


class Imported(Answer, frozen=True):
    """The card of a row, and whether this run made it."""

    card_id: int


class Linked(Answer, frozen=True):
    """Two cards that an import has linked."""

    card_id: int
    referrer_card_id: int


_imported = msgspec.json.Decoder(Imported)


def import_member(session: Session, context: Context, row: MemberRow) -> bool:
    """Issue the card of a row and give it its opening points; False when an earlier run did it.

    Its referrer is linked afterwards, by `link_member`: their row may come later in the file. Raises what `issue_card` and
    `adjust_points` raise, and ImportedDifferently.
    """
    print_ = fingerprint(row)
    stored = read_stored(session, IMPORT, row.key)
    if stored is not None:
        if stored.fingerprint != print_:
            raise ImportedDifferently
        return False
    card = issue_card(
        session,
        context,
        IssueCard(
            card_number=row.card_number,
            customer_id=row.customer_id,
            customer_name=row.name,
            customer_phone=row.phone,
            customer_email=row.email,
            birth_date=row.birth_date,
            segments=row.segments,
            is_newcomer=False,
        ),
    )
    if row.opening_points != ZERO:
        adjust_points(session, context, AdjustPoints(card.id, row.opening_points, REASON, row.points_last_day))
    remember(session, context, IMPORT, row.key, print_, Imported(card_id=card.id))
    return True


def link_member(session: Session, context: Context, row: MemberRow) -> bool:
    """Link an imported member to their referrer; False when an earlier run did it, or there is none.

    Raises CardNotFound, CardReplaced, CardNotActive, ReferrerInvalid.
    """
    stored = read_stored(session, IMPORT, row.key)
    if row.referrer_number is None or stored is None or read_stored(session, LINK, row.key) is not None:
        return False
    lock_links(session)
    referrer = ReferrerRef(card_number=row.referrer_number)
    book, other = lock_pair(session, _imported.decode(stored.body).card_id, id_of_referrer(session, referrer))
    check_still_named(session, referrer, other.card_id)
    refuse_closed(book)
    link(session, context, book.card_id, other.card_id)
    linked = Linked(card_id=book.card_id, referrer_card_id=other.card_id)
    remember(session, context, LINK, row.key, fingerprint(row), linked)
    return True
