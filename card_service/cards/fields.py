"""Fields of bodies about cards: their numbers, and how a customer can be reached."""

from collections.abc import Mapping
from typing import Any

from card_service.cards.rules import plain_email, plain_phone
from card_service.kit.http.fields import Text

# No two neighbours of these patterns match the same character, or a body full of spaces could keep the matcher busy.
PHONE = r"[ (]*(\+[ ()-]*)?[0-9]([ ()-]*[0-9]){2,19}[ ()-]*"
EMAIL = r"[!-?A-~]+@[!-?A-~]+"


class Phone(Text):
    """A phone number as people write it; 3 to 20 digits are kept, and a plus before them."""

    def __init__(self, **kwargs: Any) -> None:
        """Allow spaces, dashes and brackets."""
        says = "Must be a phone number: 3 to 20 digits, a plus before them, spaces, dashes and brackets."
        super().__init__(longest=40, pattern=PHONE, says=says, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return plain_phone(super()._deserialize(value, attr, data, **kwargs))


class Email(Text):
    """An e-mail address, kept in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        """Only an answered message would tell more about an address than its form."""
        super().__init__(longest=254, pattern=EMAIL, says="Must be an e-mail address.", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return plain_email(super()._deserialize(value, attr, data, **kwargs))


def own_number(**kwargs: Any) -> Text:
    """Make a field of a card number."""
    return Text(longest=50, pattern="[!-~]{1,50}", says="Must be 1 to 50 printable ASCII characters without spaces.", **kwargs)


def why(**kwargs: Any) -> Text:
    """Make a field of the reason for a change."""
    return Text(longest=500, **kwargs)
