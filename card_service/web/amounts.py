"""Amounts as people type them at a till: read exactly, or refused with the reason."""

import re
from decimal import Decimal

from card_service.kit.money import CENT, MAX_AMOUNT
from card_service.web.i18n import later

# Commas may stand where a reader expects them: between groups of two or three digits, the last of three.
_AMOUNT = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3})(?:\.[0-9]{1,2})?")
_LONGEST = 20
_DEVANAGARI = str.maketrans("०१२३४५६७८९", "0123456789")


class UnreadableAmount(ValueError):
    """What was typed is no amount; the argument is a sentence to be translated."""


def read_amount(text: str) -> Decimal:
    """Read an amount such as 1234.5, 1,234.50 or 1,23,456.00, in Latin or Devanagari digits; raises UnreadableAmount.

    A comma is never a decimal point: 12,50 is refused, because it is 12.50 to one cashier and a slip of 1,250 to another.
    """
    plain = text.strip().translate(_DEVANAGARI)
    if len(plain) > _LONGEST or not _AMOUNT.fullmatch(plain):
        raise UnreadableAmount(later("“%(typed)s” is not an amount. Type it like 1234.50, with at most two decimals."))
    amount = Decimal(plain.replace(",", ""))
    if amount > MAX_AMOUNT:
        raise UnreadableAmount(later("“%(typed)s” is more than one bill can be. Check the amount."))
    return amount.quantize(CENT)
