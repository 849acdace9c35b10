"""Finding cards: by id, number, customer, or what a customer can say at the counter."""

from card_service.kit.errors import Conflict, NotFound


class CardNotFound(NotFound):
    """No such card of this tenant."""

    code = "CARD_NOT_FOUND"
    title = "No such card"


class CardReplaced(Conflict):
    """The card has a new number."""

    code = "CARD_REPLACED"
    title = "This card number has been replaced; use the customer's new card"


class CardNotActive(Conflict):
    """The card is suspended or closed."""

    code = "CARD_NOT_ACTIVE"
    title = "This card is not active"
