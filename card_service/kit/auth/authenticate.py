"""Authentication: from the Authorization header to a caller, or a 401 that says nothing about why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from card_service.kit.auth import keys, tokens
from card_service.kit.auth.caller import Caller
from card_service.kit.auth.limits import Limiter
from card_service.kit.errors import Unauthenticated


class StoredKey(NamedTuple):
    """What is stored of an API key that is in force."""

    id: int
    tenant_id: int
    role: str
    key_hash: str


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Knows the secrets; looks keys and tenants up through the functions it is given."""

    key_secret: bytes
    jwt_keys: Mapping[str, tokens.SigningKey]
    jwt_issuer: str
    jwt_audience: str
    limiter: Limiter
    clock: Callable[[], datetime]
    find_key: Callable[[str], StoredKey | None]
    tenant_exists: Callable[[int], bool]

    def __call__(self, authorization: Sequence[str], address: str) -> Caller:
        """Give the caller behind a request's Authorization headers, of which there must be one.

        Raises Unauthenticated, or TooManyRequests after too many failures from this address.
        """
        try:
            caller = self._caller(authorization)
        except Unauthenticated:
            self.limiter.count_failure(address)
            raise
        self.limiter.count_request(f"{caller.tenant_id}:{caller.name}")
        return caller

    def _caller(self, authorization: Sequence[str]) -> Caller:
        scheme, _, credential = authorization[0].partition(" ") if len(authorization) == 1 else ("", "", "")
        credential = credential.strip(" ")
        if scheme.lower() != "bearer" or not credential or not credential.isascii():
            raise Unauthenticated
        prefix = keys.prefix_of(credential)
        if prefix is not None:
            return self._key_holder(credential, prefix)
        if not self.jwt_keys:
            raise Unauthenticated
        caller = tokens.caller_of(credential, self.jwt_keys, self.jwt_issuer, self.jwt_audience, self.clock())
        if not self.tenant_exists(caller.tenant_id):
            raise Unauthenticated
        return caller

    def _key_holder(self, credential: str, prefix: str) -> Caller:
        stored = self.find_key(prefix)
        # An unknown prefix costs the same comparison as a known one.
        known = keys.matches(credential, stored.key_hash if stored else "0" * 64, self.key_secret)
        if stored is None or not known:
            raise Unauthenticated
        return Caller(stored.tenant_id, stored.role, f"key:{stored.id}")
