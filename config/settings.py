"""The service's settings: read from `CARD_SERVICE_*` once, checked, and never changed after the start."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "CARD_SERVICE_"
ALGORITHMS = ("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "EdDSA")
MIN_HMAC_KEY_BYTES = 32
MIN_SECRET_BYTES = 16


class SettingsError(Exception):
    """One or more settings are wrong; the message names each and says what it should be."""


@dataclass(frozen=True, slots=True)
class JwtKey:
    """One key that may sign tokens, with the one algorithm it may be used for."""

    algorithm: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; each field is the variable of its name in capitals with the prefix.

    `threads` are those of each worker: more than a few only fight for the interpreter (bench/README.md). From the
    environment the pool has as many connections as a worker has threads, unless it says otherwise.
    """

    database_url: str = ""
    database_pool_size: int = 8
    workers: int = 2
    threads: int = 4
    key_secret: str | None = field(default=None, repr=False)
    card_number_secret: str | None = field(default=None, repr=False)
    jwt_keys: Mapping[str, JwtKey] = field(default_factory=dict)
    jwt_issuer: str | None = None
    jwt_audience: str | None = None
    rate_limit: str | None = None
    failed_auth_limit: str = "600 per minute"
    rate_limit_storage: str = "memory://"
    log_level: str = "INFO"
    metrics_dir: str | None = None
    data_dir: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read and check every variable; all that is wrong is said in one message."""
        found = os.environ if environment is None else environment
        return _Reader(found).settings()


def default_database_url() -> str:
    """Give the SQLite file that is used when nothing is set, the same from whichever folder a command runs.

    Beside the code in a source checkout; in the user's data folder when installed.
    """
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "setup.cfg").is_file():
        folder = checkout / "var"
    else:
        data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        folder = Path(data) / "card-service"
    return f"sqlite:///{folder / 'card-service.sqlite3'}"


class _Reader:
    """Reads one environment and collects what is wrong with it."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._values = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
        self._problems: list[str] = []

    def settings(self) -> Settings:
        defaults = Settings()
        threads = self._whole("THREADS", defaults.threads, 1, 64)
        settings = Settings(
            database_url=self._database_url(),
            database_pool_size=self._whole("DATABASE_POOL_SIZE", threads, 1, 64),
            workers=self._whole("WORKERS", defaults.workers, 1, 64),
            threads=threads,
            key_secret=self._secret("KEY_SECRET"),
            card_number_secret=self._secret("CARD_NUMBER_SECRET"),
            jwt_keys=self._jwt_keys(),
            jwt_issuer=self._text("JWT_ISSUER"),
            jwt_audience=self._text("JWT_AUDIENCE"),
            rate_limit=self._limit("RATE_LIMIT", None),
            failed_auth_limit=self._limit("FAILED_AUTH_LIMIT", defaults.failed_auth_limit) or defaults.failed_auth_limit,
            rate_limit_storage=self._storage(defaults.rate_limit_storage),
            log_level=self._level(),
            metrics_dir=self._text("METRICS_DIR"),
            data_dir=self._text("DATA_DIR"),
        )
        if settings.jwt_keys and not (settings.jwt_issuer and settings.jwt_audience):
            self._problems.append(f"{PREFIX}JWT_ISSUER and {PREFIX}JWT_AUDIENCE must be set when JWT_KEYS is")
        for name in (*self._values,):
            self._problems.append(f"{name} is not a setting of this service")
        if self._problems:
            raise SettingsError("The settings are not right: " + "; ".join(self._problems) + ".")
        return settings

    def _text(self, name: str) -> str | None:
        return self._values.pop(PREFIX + name, "").strip() or None

    def _secret(self, name: str) -> str | None:
        text = self._text(name)
        if text is not None and len(text.encode()) < MIN_SECRET_BYTES:
            self._problems.append(f"{PREFIX}{name} must be at least {MIN_SECRET_BYTES} bytes long")
        return text

    def _storage(self, default: str) -> str:
        text = self._text("RATE_LIMIT_STORAGE")
        if text is None:
            return default
        from limits.errors import ConfigurationError  # noqa: PLC0415 - only read where a storage is set
        from limits.storage import storage_from_string  # noqa: PLC0415

        try:
            storage_from_string(text)
        except (ConfigurationError, ImportError, ValueError) as error:
            self._problems.append(f"{PREFIX}RATE_LIMIT_STORAGE cannot be used: {error}")
        return text

    def _whole(self, name: str, default: int, low: int, high: int) -> int:
        text = self._text(name)
        if text is None:
            return default
        if text.isascii() and text.isdigit() and low <= int(text) <= high:
            return int(text)
        self._problems.append(f"{PREFIX}{name} must be a whole number from {low} to {high}, not {text!r}")
        return default

    def _database_url(self) -> str:
        text = self._text("DATABASE_URL") or default_database_url()
        try:
            url = make_url(text)
        except ArgumentError:
            self._problems.append(f"{PREFIX}DATABASE_URL is not an address such as mysql+pymysql://user:password@host/name")
            return text
        if url.drivername not in {"sqlite", "mysql+pymysql", "mariadb+pymysql", "mysql+mysqldb", "mariadb+mysqldb"}:
            self._problems.append(
                f"{PREFIX}DATABASE_URL must begin with sqlite:///, mysql+pymysql:// or mysql+mysqldb://, not {url.drivername}://"
            )
        return text

    def _limit(self, name: str, default: str | None) -> str | None:
        text = self._text(name)
        if text is None:
            return default
        from limits import parse_many  # noqa: PLC0415 - only read where a limit is set

        try:
            parse_many(text)
        except ValueError:
            self._problems.append(f"{PREFIX}{name} must be a limit such as '600 per minute', not {text!r}")
        return text

    def _level(self) -> str:
        text = (self._text("LOG_LEVEL") or "INFO").upper()
        if text not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            self._problems.append(f"{PREFIX}LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not {text!r}")
        return text

    def _jwt_keys(self) -> dict[str, JwtKey]:
        text = self._text("JWT_KEYS")
        if text is None:
            return {}
        shape = '{"<kid>": {"algorithm": "RS256", "key": "<PEM or secret>"}}'
        try:
            keys = {
                str(kid): JwtKey(algorithm=str(one["algorithm"]), key=str(one["key"])) for kid, one in json.loads(text).items()
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            self._problems.append(f"{PREFIX}JWT_KEYS must be JSON of the form {shape}")
            return {}
        for kid, one in keys.items():
            if one.algorithm not in ALGORITHMS:
                self._problems.append(f"{PREFIX}JWT_KEYS: {kid!r} must name one of {', '.join(ALGORITHMS)}")
            if one.algorithm.startswith("HS") and len(one.key.encode()) < MIN_HMAC_KEY_BYTES:
                self._problems.append(f"{PREFIX}JWT_KEYS: {kid!r} must be at least {MIN_HMAC_KEY_BYTES} bytes long")
        return keys
