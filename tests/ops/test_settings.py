"""Settings: read once, all that is wrong said in one message, secrets never shown."""

import json
from typing import Any

import pytest

from config.settings import Settings, SettingsError, default_database_url


def read(**variables: Any) -> Settings:
    return Settings.from_environment({f"CARD_SERVICE_{name.upper()}": str(value) for name, value in variables.items()})


def test_only_the_database_need_ever_be_set_and_not_even_that() -> None:
    settings = Settings.from_environment({"PATH": "/bin"})
    assert settings.database_url == default_database_url()
    assert settings.database_url.startswith("sqlite:////")
    assert (settings.jwt_keys, settings.rate_limit) == ({}, None)


def test_the_pool_has_a_connection_for_each_thread_unless_it_is_set() -> None:
    assert (read().threads, read().database_pool_size) == (4, 4)
    assert read(threads=7).database_pool_size == 7
    assert read(threads=7, database_pool_size=3).database_pool_size == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "nothing"),
        ("database_url", "postgresql://host/name"),
        ("workers", "0"),
        ("workers", "2.0"),
        ("threads", "٤"),
        ("threads", "65"),
        ("database_pool_size", "-1"),
        ("rate_limit", "often"),
        ("failed_auth_limit", "600"),
        ("log_level", "chatty"),
        ("jwt_keys", "not json"),
        ("jwt_keys", "[]"),
        ("jwt_keys", '{"k": {"algorithm": "none", "key": "x"}}'),
        ("jwt_keys", '{"k": {"algorithm": "HS256", "key": "short"}}'),
        ("jwt_keys", '{"k": {"algorithm": "HS256"}}'),
        ("colour", "blue"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"(?i){name.rpartition('_')[0] or name}"):
        read(**{name: value})


def test_everything_wrong_is_in_one_message() -> None:
    with pytest.raises(SettingsError) as caught:
        read(workers="x", threads="y", colour="z")
    assert all(f"CARD_SERVICE_{name}" in str(caught.value) for name in ("WORKERS", "THREADS", "COLOUR"))


def test_tokens_need_issuer_and_audience() -> None:
    keys = json.dumps({"till": {"algorithm": "HS256", "key": "k" * 32}})
    with pytest.raises(SettingsError, match="JWT_ISSUER"):
        read(jwt_keys=keys)
    settings = read(jwt_keys=keys, jwt_issuer="https://issuer.example", jwt_audience="cards")
    assert settings.jwt_keys["till"].algorithm == "HS256"


def test_secrets_are_not_shown() -> None:
    keys = json.dumps({"till": {"algorithm": "HS256", "key": "k" * 32}})
    settings = read(jwt_keys=keys, jwt_issuer="i", jwt_audience="a", key_secret="s" * 40, card_number_secret="c" * 40)
    assert not any(secret in repr(settings) for secret in ("k" * 32, "s" * 40, "c" * 40))
