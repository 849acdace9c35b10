"""How a tenant's own card numbers look, and how a phone number and an e-mail address are written down."""

import re

_MASK = {"#": "[0-9]", "@": "[A-Z]", "*": "[A-Z0-9]"}
_PHONE_FILLERS = str.maketrans("", "", " -()")
_CARD_NUMBER = re.compile(r"[!-~]{1,50}")


def is_card_number(text: str) -> bool:
    """Whether this can be a card number at all: 1 to 50 printable ASCII characters, no spaces."""
    return _CARD_NUMBER.fullmatch(text) is not None


def fits(mask: str, number: str) -> bool:
    """Whether a number has the form that a tenant's cards have.

    In a mask `#` stands for a digit, `@` for a letter A-Z, `*` for either, and anything else for itself.
    """
    return re.fullmatch("".join(_MASK.get(character) or re.escape(character) for character in mask), number) is not None


def in_fours(number: str) -> str:
    """Write a number as people read it: digits in groups of four, anything else as its tenant wrote it."""
    return " ".join(re.findall(".{1,4}", number)) if number.isdigit() else number


def plain_phone(text: str) -> str:
    """Write a phone number without the spaces, dashes and brackets that people put into it."""
    return text.translate(_PHONE_FILLERS)


def plain_email(text: str) -> str:
    """Write an e-mail address in lower case."""
    return text.lower()
