"""Who may refer whom, and which referrers are worth a look."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from card_service.kit.errors import Refused

MANY_FROM_ONE_PREFIX, ALL_RETURNED = REASONS = ("MANY_FROM_ONE_PREFIX", "ALL_RETURNED")
MANY, SOME = 5, 3
LAST_DIGITS = 3
"""By so many digits at the end the phone numbers of one prefix differ."""
FEWEST_FRIENDS = min(MANY, SOME)
"""Who has referred fewer cannot be suspicious."""


class ReferrerInvalid(Refused):
    """This card cannot be the referrer of that one."""

    code = "REFERRER_INVALID"
    title = "This card cannot be the referrer"


@dataclass(frozen=True, slots=True)
class Party:
    """What the rules ask of a card; a card that is only being issued has no id yet."""

    card_id: int | None
    status: str
    customer_id: int | None
    customer_phone: str | None
    customer_email: str | None
    referrer_card_id: int | None
    first_earned_at: datetime | None

    @property
    def person(self) -> set[tuple[str, object]]:
        """All that tells who holds the card."""
        known = {"id": self.customer_id, "phone": self.customer_phone, "email": self.customer_email}
        return {(name, value) for name, value in known.items() if value is not None}


def check_referrer(card: Party, referrer: Party, above: AbstractSet[int], twin: str | None) -> None:
    """Refuse a referrer that docs/programme.md section 5 does not allow; raises ReferrerInvalid.

    `above` are the cards that have referred the referrer, through however many others; `twin` names what another card
    shares with this one. The detail never says whose phone or e-mail it was, nor on which card: it is shown to whoever asks.
    """
    if card.referrer_card_id is not None:
        raise ReferrerInvalid("The card has a referrer, which is set once")
    if card.first_earned_at is not None:
        raise ReferrerInvalid("The card has earned points: a referrer is set before the first earn")
    if referrer.card_id == card.card_id:
        raise ReferrerInvalid("A card cannot refer itself")
    if referrer.status != "ACTIVE":
        raise ReferrerInvalid("The referrer's card is not active")
    if card.person & referrer.person:
        raise ReferrerInvalid("Both cards belong to one customer")
    if card.card_id is not None and card.card_id in above:
        raise ReferrerInvalid("The card itself has referred this referrer, at first hand or through others")
    if twin is not None:
        raise ReferrerInvalid(f"The customer has, or had, another card: the {twin} is on it. Only who is new can be referred")


@dataclass(frozen=True, slots=True)
class Friends:
    """How many a card has referred: in all, the most whose phones share a prefix, those with bills, and with one left."""

    all: int
    of_one_prefix: int
    with_bills: int
    with_bills_left: int


def reasons(friends: Friends) -> list[str]:
    """Tell why a referrer is worth a look (docs/programme.md section 5)."""
    holds = {
        MANY_FROM_ONE_PREFIX: friends.of_one_prefix >= MANY,
        ALL_RETURNED: friends.with_bills >= SOME and not friends.with_bills_left,
    }
    return [reason for reason in REASONS if holds[reason]]
