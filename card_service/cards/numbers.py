"""Makes the card numbers that the service issues itself: 16 digits, not to be guessed, hard to misread."""

import hmac
import math
import re

from card_service.kit.errors import Refused

SCHEME = 21
"""The two leading digits of every number made here.

They are a constant so that no number can begin with `99`, a pair that python-barcode up to 0.16.1 drops from
a Code 128 symbol (its issue 251), nor with a zero, which spreadsheets drop.
"""

SERIALS = 100_000_000
"""How many serials a tenant has: eight digits, 0 to 99,999,999."""

TENANT_CODES = 10_000
"""How many values the four tenant digits can take."""

ROUNDS = 10
"""Rounds of the Feistel network; NIST SP 800-38G uses ten for its FF1."""

SHORTEST_KEY = 16
"""Bytes: a key of fewer than 128 bits is refused."""

_SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")
_MODULUS = 97


class CardNumbersExhausted(Refused):
    """The tenant has used all of its 100,000,000 serials; further cards need numbers of the tenant's own."""

    title = "No card number is left: send a cardNumber of your own"


def card_number(key: bytes, tenant_id: int, serial: int) -> str:
    """Return the number of a tenant's `serial`-th card, counted from 0.

    Its 16 digits are the scheme (2), the tenant (4), the serial through a keyed permutation (8) and two check
    digits.

    The tenant digits are `tenant_id % 10_000`. Tenants 7 and 10,007 share them, and that is allowed: a number
    is unique within its tenant only, (tenant, number), and the tenant is always taken from the credential.
    The digits are there for people who sort cards by hand. The permutation is keyed with the whole tenant id,
    so the numbers of two such tenants are unrelated.

    The check digits are those of ISO 7064 MOD 97-10, as in an IBAN: the whole number leaves 1 when divided by
    97, which finds every single wrong digit and every swap of neighbours.

    Different serials of one tenant give different numbers for ever, as long as the key stays. A tenant may
    also have typed in such a number as its own, so the caller still has to be ready for a number that is
    taken.

    Raises `CardNumbersExhausted` for a serial above 99,999,999, `ValueError` for a serial or a tenant id
    below zero and for a key shorter than 16 bytes.
    """
    if len(key) < SHORTEST_KEY:
        raise ValueError(f"the card number key needs at least {SHORTEST_KEY} bytes, this one has {len(key)}")
    if tenant_id < 0 or serial < 0:
        raise ValueError(f"neither tenant id nor serial can be below zero: {tenant_id}, {serial}")
    if serial >= SERIALS:
        raise CardNumbersExhausted(f"All {SERIALS:,} card numbers of this tenant are used: send a cardNumber of your own")
    hidden = permuted(key, tenant_id, serial, SERIALS)
    payload = f"{SCHEME}{tenant_id % TENANT_CODES:04d}{hidden:08d}"
    return f"{payload}{_check_digits(payload):02d}"


def has_valid_check_digits(number: str) -> bool:
    """Say whether `number` is 16 ASCII digits that leave 1 when divided by 97."""
    return _SIXTEEN_DIGITS.fullmatch(number) is not None and int(number) % _MODULUS == 1


def permuted(key: bytes, tenant_id: int, value: int, size: int) -> int:
    """Map 0..size-1 onto itself, one to one, in an order that only the owner of the key can tell.

    This is the Generalized-Feistel Cipher of J. Black and P. Rogaway, "Ciphers with Arbitrary Finite
    Domains", CT-RSA 2002, the paper that format-preserving encryption goes back to: the value is split into a
    left and a right half of about the square root of `size`, each round adds to one half a keyed function of
    the other (so each round can be undone, whatever the function), and a result outside the domain is put
    through the network again ("cycle walking"). A permutation leads every value back to itself in the end, so
    the walk always re-enters the domain, and two values never meet. With 100,000,000 = 10,000 * 10,000 it
    never has to walk.
    """
    right_size = math.isqrt(size - 1) + 1
    left_size = -(-size // right_size)
    while True:
        left, right = divmod(value, right_size)
        for number in range(ROUNDS):
            if number % 2 == 0:
                left = (left + _round(key, tenant_id, number, right)) % left_size
            else:
                right = (right + _round(key, tenant_id, number, left)) % right_size
        value = left * right_size + right
        if value < size:
            return value


def _round(key: bytes, tenant_id: int, number: int, half: int) -> int:
    """Return 256 keyed bits for one round: so many that reducing them to a half leaves no visible bias."""
    message = f"card-number:{tenant_id}:{number}:{half}".encode("ascii")
    return int.from_bytes(hmac.digest(key, message, "sha256"), "big")


def _check_digits(payload: str) -> int:
    """Return the two digits, 2 to 98, that make payload * 100 + digits leave 1 when divided by 97."""
    return _MODULUS + 1 - int(payload) * 100 % _MODULUS
