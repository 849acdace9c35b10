"""Who may refer whom."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from card_service.kit.errors import Refused


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
