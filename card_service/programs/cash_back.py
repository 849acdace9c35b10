"""Balances as money, which the cards of a CASH_BACK programme are shown beside their points."""

from decimal import Decimal

from card_service.kit.money import round_down
from card_service.kit.wire import Answer
from card_service.programs.rules import Program


class CashBack(Answer, frozen=True):
    """What a card has in the money of its programme; `balance` is below zero where the card owes points."""

    currency: str
    balance: Decimal
    pending: Decimal
    debt: Decimal


def cash_back(program: Program | None, rate: Decimal, balance: Decimal, pending: Decimal, debt: Decimal) -> CashBack | None:
    """Turn points into money, each rounded towards zero to 0.01; None unless the programme is of this type."""
    if program is None or not program.is_cash_back:
        return None
    worth = [round_down(points * rate) for points in (balance, pending, debt)]
    return CashBack(currency=program.currency, balance=worth[0], pending=worth[1], debt=worth[2])
