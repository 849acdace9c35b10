"""Keys of this run and the tokens that they sign, good ones and whatever else can be put together."""

import base64
import json
from datetime import datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from config.settings import JwtKey

ISSUER, AUDIENCE = "https://billing.example", "card-service"
SECRET = "a secret of forty bytes, only for this run"  # noqa: S105 - signs tokens of the tests alone
HMAC, RSA, EC = "till", "billing", "counter"
Claims = dict[str, Any]


@cache
def _private(kid: str) -> Any:
    if kid == RSA:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1())


def _pem(kid: str, *, public: bool) -> str:
    key = _private(kid)
    if public:
        encoded: bytes = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return encoded.decode()
    encoded = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return encoded.decode()


ALGORITHMS = {HMAC: "HS256", RSA: "RS256", EC: "ES256"}
PUBLIC = {HMAC: SECRET, RSA: _pem(RSA, public=True), EC: _pem(EC, public=True)}
PRIVATE = {HMAC: SECRET, RSA: _pem(RSA, public=False), EC: _pem(EC, public=False)}
KEYS = {kid: JwtKey(algorithm, PUBLIC[kid]) for kid, algorithm in ALGORITHMS.items()}


def claims(now: datetime, tenant_id: int, role: str = "admin", **other: Any) -> Claims:
    """Give the claims of a good token that lives ten minutes; `other` replaces some, or removes those that are None."""
    moment = int(now.timestamp())
    good = {"iss": ISSUER, "aud": AUDIENCE, "iat": moment, "exp": moment + 600, "sub": "till-1"}
    merged = {**good, "tenant_id": tenant_id, "role": role, **other}
    return {name: value for name, value in merged.items() if value is not None}


def signed(content: Claims, kid: str = HMAC, /, **headers: Any) -> str:
    """Sign claims with a key of this run."""
    return jwt.encode(content, PRIVATE[kid], ALGORITHMS[kid], headers={"kid": kid, **headers})


def part(value: Any) -> str:
    """Write a part of a token; text and bytes stand as they are, which can be what no writer of JSON would make."""
    text = value if isinstance(value, (str, bytes)) else json.dumps(value, separators=(",", ":"))
    data = text.encode() if isinstance(text, str) else text
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def handmade(header: Any, content: Any, secret: str = SECRET) -> str:
    """Sign anything with HMAC-SHA256, header and claims as given."""
    message = f"{part(header)}.{part(content)}"
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(message.encode(), secret.encode())
    return f"{message}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
