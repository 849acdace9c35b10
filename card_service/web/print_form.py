"""Which cards an admin asks for, by the ids of a page or by the numbers that were typed, and why they are not printed."""

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from card_service.cards.find import CardNotFound, CardReplaced, find_by_number
from card_service.cards.print_cards import MOST, PrintCards, PrintedCards, print_cards
from card_service.kit.context import Context
from card_service.kit.db.session import Session
from card_service.kit.http.fields import MAX_ID
from card_service.ledger.lock import CLOSED, CardNotActive
from card_service.web.i18n import later, translate

UNKNOWN = later("There is no card with the number “%(number)s”; nothing was printed. Check it, and write one number a line.")
REPLACED = later(
    "The number “%(number)s” was replaced by a new one; nothing was printed. Find the customer at the counter and print there."
)
CLOSED_SINCE = later("The card with the number “%(number)s” is closed; nothing was printed. Leave its number out.")
CHANGED = later(
    "One of these cards is closed now, or there is no such card; nothing was printed. Load this page again, then print."
)
NOTHING = later("No card was named; nothing was printed. Type or scan at least one card number.")
TOO_MANY = later("At most %(most)s cards are printed at once; nothing was printed. Leave some of the numbers out.")


class NotPrinted(Exception):
    """These cards are not printed; the sentence says why and what to do."""

    def __init__(self, status: int, sentence: str) -> None:
        """Keep the sentence, in the language of the request."""
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class WantedCards:
    """The cards to print: ids that a page of ours gave, then numbers that somebody typed; one of them at least."""

    card_ids: tuple[int, ...]
    numbers: tuple[str, ...]


def read_print_form(form: MultiDict[str, str]) -> WantedCards:
    """Read what is to be printed; raises NotPrinted."""
    ids = form.get("card_ids", "").split()
    if not all(one.isascii() and one.isdigit() and len(one) <= len(str(MAX_ID)) and int(one) <= MAX_ID for one in ids):
        raise NotPrinted(422, translate(CHANGED))
    # A card shows its number in groups of four, and so it is typed.
    lines = ("".join(line.split()) for line in form.get("numbers", "").splitlines())
    wanted = WantedCards(tuple(int(one) for one in ids), tuple(line for line in lines if line))
    count = len(wanted.card_ids) + len(wanted.numbers)
    if not count:
        raise NotPrinted(422, translate(NOTHING))
    if count > MOST:
        raise NotPrinted(422, translate(TOO_MANY, most=MOST))
    return wanted


def print_wanted(session: Session, context: Context, wanted: WantedCards) -> PrintedCards:
    """Print them all, or none; raises NotPrinted, CodeUnreadable."""
    by_number = tuple(_id_of(session, context, number) for number in wanted.numbers)
    try:
        return print_cards(session, context, PrintCards(wanted.card_ids + by_number))
    except (CardNotFound, CardNotActive) as refusal:
        raise NotPrinted(refusal.status, translate(CHANGED)) from refusal


def _id_of(session: Session, context: Context, number: str) -> int:
    try:
        card = find_by_number(session, context, number)
    except CardNotFound as refusal:
        raise NotPrinted(refusal.status, translate(UNKNOWN, number=number)) from refusal
    except CardReplaced as refusal:
        raise NotPrinted(refusal.status, translate(REPLACED, number=number)) from refusal
    if card.status == CLOSED:
        raise NotPrinted(CardNotActive.status, translate(CLOSED_SINCE, number=number))
    return card.id
