"""How a tenant's own card numbers look, and how a phone number and an e-mail address are written down."""

import re
import secrets
from collections.abc import Sequence
from datetime import date

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


def ink_on(colour: str) -> str:
    """Choose black or white for text on a colour such as `#0b5d51`, whichever stands out more.

    One of the two always has a contrast of at least 4.58, and WCAG 2.2 asks for 4.5 (its relative luminance).
    """
    shares = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]  # noqa: PLR2004
    luminance = sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#000000" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "#ffffff"


def plain_phone(text: str) -> str:
    """Write a phone number without the spaces, dashes and brackets that people put into it."""
    return text.translate(_PHONE_FILLERS)


def plain_email(text: str) -> str:
    """Write an e-mail address in lower case."""
    return text.lower()


REFERRAL_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What referral codes are made of: neither 0 and O nor 1 and I can be mistaken for each other."""
REFERRAL_CODE_LENGTH = 10


def new_referral_code() -> str:
    """Make a referral code: 50 bits that cannot be guessed (docs/programme.md section 5)."""
    return "".join(secrets.choice(REFERRAL_ALPHABET) for _ in range(REFERRAL_CODE_LENGTH))


def month_day(birth_date: date | None) -> int | None:
    """Write a birthday as MMDD, 229 for the 29th of February."""
    return None if birth_date is None else birth_date.month * 100 + birth_date.day


def joined(segments: Sequence[str] | None) -> str | None:
    """Write labels as they are stored, in one column."""
    return ",".join(segments) if segments else None


def split(segments: str | None) -> list[str]:
    """Read labels as they are stored."""
    return segments.split(",") if segments else []
