"""Logins, passwords and times, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from card_service.kit.auth import passwords
from card_service.users.rules import is_over, locked_until, normal_login, why_not

NOW = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("Meera", "meera"), (" meera@shop.example ", "meera@shop.example"), ("a!~", "a!~"), ("x" * 100, "x" * 100)],
)
def test_a_login_is_kept_in_small_letters(typed: str, stored: str) -> None:
    assert normal_login(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "ab", "x" * 101, "two words", "m\u00e9era", "meera\n2", "\u216fxx", "meera\x00", "mee\tra"]
)
def test_what_is_no_login(typed: str) -> None:
    assert normal_login(typed) is None


@pytest.mark.parametrize(
    ("password", "because"),
    [
        ("short", "10 characters"),
        ("123456789", "10 characters"),
        ("\u00fc" * 501, "1000 bytes"),
        ("1234567890", "commonest"),
        ("Password123!", "commonest"),
        ("PASSWORD1234", "commonest"),
        ("q1w2e3r4t5", "commonest"),
        ("aaaaaaaaaaaa", "commonest"),
        ("abababababab", "commonest"),
        ("qwertyuiop", "commonest"),
        ("meera.nair1", "guesses"),
        ("Meera Nair 2026!", "guesses"),
        ("Corner Pharmacy", "guesses"),
        ("corner-pharmacy", "guesses"),
        ("cornerpharmacy99", "guesses"),
        ("my corner pharmacy", None),
        ("a line\nand another", "one line"),
    ],
)
def test_passwords_that_are_guessed_are_refused(password: str, because: str | None) -> None:
    refusal = why_not(password, "meera.nair", "Meera Nair", "Corner Pharmacy")
    assert (refusal is None) if because is None else (refusal is not None and because in refusal)


@pytest.mark.parametrize(
    "password",
    [
        "four small words here",
        "aB3$kd92!x",
        "\u0928\u092e\u0938\u094d\u0924\u0947 \u0926\u0941\u0928\u093f\u092f\u093e",
        "x7" * 5 + "q",
    ],
)
def test_length_is_enough(password: str) -> None:
    assert why_not(password, "meera", "Meera", "Corner Pharmacy") is None


def test_five_failures_are_free_and_then_each_doubles_the_wait() -> None:
    waits = [locked_until(failures, NOW) for failures in range(1, 17)]
    assert [None if until is None else int((until - NOW).total_seconds()) for until in waits] == [
        *[None] * 5, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900,
    ]  # fmt: skip
    assert locked_until(1_000_000_000, NOW) == NOW + timedelta(minutes=15)


def test_a_session_ends_unused_or_old() -> None:
    until = NOW + timedelta(hours=12)
    assert not is_over(NOW, NOW, until, NOW + timedelta(minutes=59, seconds=59))
    assert is_over(NOW, NOW, until, NOW + timedelta(minutes=60))
    busy = NOW + timedelta(hours=11, minutes=59)
    assert not is_over(NOW, busy, until, busy + timedelta(seconds=59))
    assert is_over(NOW, busy, until, busy + timedelta(seconds=60))


def test_a_hash_is_argon2id_as_owasp_advises_and_salted() -> None:
    first, second = passwords.hash_password("four small words"), passwords.hash_password("four small words")
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert passwords.verify("four small words", first)
    assert not passwords.verify("four small word", first)
    assert not passwords.is_outdated(first)


def test_the_same_letters_are_the_same_password_on_every_keyboard() -> None:
    assert passwords.verify("caf\u00e9 caf\u00e9", passwords.hash_password("cafe\u0301 cafe\u0301"))


@pytest.mark.parametrize("password_hash", [None, "", "nonsense", "$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA"])
def test_no_password_is_right_without_a_hash(password_hash: str | None) -> None:
    for password in ("the password of nobody", "", "x" * 2000, "\ud800"):
        assert not passwords.verify(password, password_hash)
