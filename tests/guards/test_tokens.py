"""Signed tokens: every forgery is refused with the same words, and a good one of each algorithm is taken."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.guards.signing import (
    ALGORITHMS,
    AUDIENCE,
    EC,
    HMAC,
    ISSUER,
    KEYS,
    PUBLIC,
    RSA,
    SECRET,
    Claims,
    claims,
    handmade,
    part,
    signed,
)
from tests.servers.clients import Answer
from tests.servers.databases import PrivateDatabase
from tests.servers.service import Service, start_service

HEADER = {"alg": "HS256", "kid": HMAC, "typ": "JWT"}
DEEP = "[" * 1000 + "]" * 1000


@pytest.fixture(scope="session")
def signing_service(database: PrivateDatabase) -> Service:
    return start_service(database, jwt_keys=KEYS, jwt_issuer=ISSUER, jwt_audience=AUDIENCE)


@pytest.fixture
def tenant_id(signing_service: Service) -> int:
    signing_service.clock.reset()
    return signing_service.tenant().id


def test_a_good_token_of_each_algorithm_is_taken(signing_service: Service, tenant_id: int) -> None:
    now = signing_service.clock.now
    for kid in ALGORITHMS:
        for role in ("admin", "cashier", "billing"):
            token = signed(claims(now, tenant_id, role), kid)
            answer = _ask(signing_service, token)
            assert answer.status == 200, (kid, role, answer.text)
    assert _ask(signing_service, handmade(HEADER, claims(now, tenant_id))).status == 200, "a token made by hand is one too"
    assert _ask(signing_service, signed(claims(now, tenant_id, nbf=int(now.timestamp())))).status == 200


def test_a_token_speaks_for_its_tenant_only(signing_service: Service, tenant_id: int) -> None:
    other = signing_service.tenant()
    assert other.admin.post("/cards", {"cardNumber": "OTHERS-CARD"}).status == 201
    mine = signed(claims(signing_service.clock.now, tenant_id))
    assert _ask(signing_service, mine).json["items"] == []
    theirs = signed(claims(signing_service.clock.now, other.id))
    assert [card["cardNumber"] for card in _ask(signing_service, theirs).json["items"]] == ["OTHERS-CARD"]


def test_a_token_dies(signing_service: Service, tenant_id: int) -> None:
    token = signed(claims(signing_service.clock.now, tenant_id))
    signing_service.clock.advance(seconds=599)
    assert _ask(signing_service, token).status == 200
    signing_service.clock.advance(seconds=10)
    assert _ask(signing_service, token).status == 401


def test_every_forgery_is_refused_with_the_same_words(signing_service: Service, tenant_id: int) -> None:
    client = signing_service.anonymous
    expected = client.get("/cards")
    assert (expected.status, expected.json["code"]) == (401, "UNAUTHENTICATED")
    made = dict(forgeries(signing_service, tenant_id))
    taken = {}
    for name, token in made.items():
        answer = client.get("/cards", {"Authorization": f"Bearer {token}"})
        if (answer.status, answer.text) != (401, expected.text):
            taken[name] = (answer.status, answer.text)
    assert not taken
    assert len(made) >= 80


def test_without_keys_every_token_is_refused(database: PrivateDatabase, signing_service: Service, tenant_id: int) -> None:
    service = start_service(database)
    expected = service.anonymous.get("/cards").text
    now = signing_service.clock.now
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims(now, tenant_id))}."
    empty = handmade({"alg": "HS256", "typ": "JWT", "kid": ""}, claims(now, tenant_id), "x")
    for token in (*(signed(claims(now, tenant_id), kid) for kid in ALGORITHMS), unsigned, empty):
        answer = service.anonymous.get("/cards", {"Authorization": f"Bearer {token}"})
        assert (answer.status, answer.text) == (401, expected), token


def _ask(service: Service, token: str) -> Answer:
    return service.anonymous.get("/cards", {"Authorization": f"Bearer {token}"})


def forgeries(service: Service, tenant_id: int) -> Iterator[tuple[str, str]]:
    """Give tokens that are no tokens, each with its name."""
    good = claims(service.clock.now, tenant_id)
    yield from ((f"algorithm: {name}", token) for name, token in _algorithms(good))
    yield from ((f"header: {name}", handmade(header, good)) for name, header in _headers())
    yield from ((f"claim: {name}", handmade(HEADER, content)) for name, content in _claims(good))
    yield from ((f"form: {name}", token) for name, token in _forms(good))
    foreign = max(service.database.rows("SELECT MAX(id) FROM tenants")[0][0], tenant_id) + 1000
    yield "a tenant that does not exist", handmade(HEADER, {**good, "tenant_id": foreign})


def _algorithms(good: Claims) -> Iterator[tuple[str, str]]:
    body = part(good)
    for word in ("none", "None", "NONE", "nOnE", ""):
        yield f"{word!r} unsigned", f"{part({**HEADER, 'alg': word})}.{body}."
        yield f"{word!r} signed", handmade({**HEADER, "alg": word}, good)
    for kid in (RSA, EC):
        for secret in (PUBLIC[kid], PUBLIC[kid].strip(), SECRET):
            yield f"HS256 with the public key of {kid}, {len(secret)}", handmade({**HEADER, "kid": kid}, good, secret)
        yield f"{ALGORITHMS[kid]} claimed over HMAC", handmade({**HEADER, "kid": kid, "alg": ALGORITHMS[kid]}, good)
    yield "RS256 with the kid of ES256", signed(good, RSA, kid=EC)
    yield "RS256 with the kid of HS256", signed(good, RSA, kid=HMAC)
    yield "HS256 with the kid of RS256", signed(good, HMAC, kid=RSA)
    yield "another secret", handmade(HEADER, good, "another secret, of forty bytes like the first")
    yield "an empty secret", handmade(HEADER, good, "")


def _headers() -> Iterator[tuple[str, Any]]:
    for name, kid in {
        "unknown": "nobody", "empty": "", "number": 0, "null": None, "list": [HMAC], "object": {HMAC: 1}, "true": True,
        "SQL": f"{HMAC}' OR '1'='1", "path": "../../../../dev/null", "command": "|sleep 5", "another case": HMAC.upper(),
        "spaces": f" {HMAC}", "NUL": f"{HMAC}\x00",
    }.items():  # fmt: skip
        yield f"kid {name}", {**HEADER, "kid": kid}
    yield "no kid", {"alg": "HS256", "typ": "JWT"}
    yield "no alg", {"kid": HMAC, "typ": "JWT"}
    yield "alg list", {**HEADER, "alg": ["HS256"]}
    yield "alg in another case", {**HEADER, "alg": "hs256"}
    yield "alg HS512", {**HEADER, "alg": "HS512"}
    yield "alg null", {**HEADER, "alg": None}
    yield "no typ", {"alg": "HS256", "kid": HMAC}
    for typ in ("jwt", "at+jwt", "JOSE", "", 1, None, ["JWT"]):
        yield f"typ {typ!r}", {**HEADER, "typ": typ}
    yield "crit", {**HEADER, "crit": ["exp"], "exp": 1}
    yield "crit empty", {**HEADER, "crit": []}
    yield "b64 false", {**HEADER, "b64": False, "crit": ["b64"]}
    yield "zip", {**HEADER, "zip": "DEF"}
    yield "cty", {**HEADER, "cty": "JWT"}
    for name in ("jku", "x5u"):
        yield name, {**HEADER, name: "https://attacker.example/keys"}
    yield "jwk", {**HEADER, "jwk": {"kty": "oct", "k": part("mine")}}
    yield "x5c", {**HEADER, "x5c": [part("mine")]}
    yield "alg twice", f'{{"alg":"none","alg":"HS256","kid":"{HMAC}","typ":"JWT"}}'
    yield "kid twice", f'{{"alg":"HS256","kid":"nobody","kid":"{HMAC}","typ":"JWT"}}'
    yield "list", [HEADER]
    yield "null", "null"
    yield "not JSON", "alg=HS256"
    yield "deep", f'{{"alg":"HS256","kid":"{HMAC}","typ":{DEEP}}}'


def _claims(good: Claims) -> Iterator[tuple[str, Any]]:
    now = good["iat"]
    for name in ("iss", "aud", "exp", "iat", "sub", "tenant_id", "role"):
        yield f"no {name}", {key: value for key, value in good.items() if key != name}
        yield f"{name} null", {**good, name: None}
        yield f"{name} object", {**good, name: {"a": 1}}
        yield f"{name} list", {**good, name: [good[name]]}
        written = json.dumps(good)
        yield f"{name} twice", f'{{"{name}":{json.dumps(good[name])},{written[1:]}'
    wrong: dict[str, list[Any]] = {
        "iss": ["https://attacker.example", "", ISSUER + "/", ISSUER.upper(), 1],
        "aud": ["another-service", "", AUDIENCE.upper(), [AUDIENCE, "another"], 1],
        "exp": [now - 6, now, 0, -1, now + 600.5, str(now + 600), True, now + 3601, now + 10**9, 10**30, "soon"],
        "iat": [now + 60, now - 3600, 0, -1, float(now), str(now), True],
        "nbf": [now + 60, str(now), now + 0.5, True, "now", [], {}],
        "tenant_id": [
            str(good["tenant_id"]), float(good["tenant_id"]), True, False, 0, -1, 2**63, 10**40, "", "1 OR 1=1",
            good["tenant_id"] + 0.5,
        ],
        "role": ["", "Admin", "ADMIN", " admin", "admin ", "root", "admin,billing", 0, True, "admin\x00", "\u0430dmin"],
        "sub": ["", "x" * 101, "x" * 5000, 1, True, "till\n1", "till\x00", "\u202etill", "\ud800"],
    }  # fmt: skip
    for name, values in wrong.items():
        for value in values:
            yield f"{name} {value!r}"[:60], {**good, name: value}
    for name in ("exp", "iat", "tenant_id", "nbf"):
        for number in ("NaN", "Infinity", "-Infinity", "1e400", "9" * 400):
            yield f"{name} {number[:10]}", json.dumps({**good, name: "@"}).replace('"@"', number)
    yield "an inner member twice", json.dumps({**good, "more": "@"}).replace('"@"', '{"a":1,"a":2}')
    yield "list", [good]
    yield "text", '"admin"'
    yield "not JSON", "tenant_id=1&role=admin"
    yield "deep", json.dumps({**good, "more": "@"}).replace('"@"', DEEP)
    yield "nested token", {**good, "sub": handmade(HEADER, good) * 2}
    yield "a BOM", "\ufeff" + json.dumps(good)
    yield "UTF-16", json.dumps(good).encode("utf-16-le")
    yield "bad UTF-8", json.dumps({**good, "more": "@"}).encode().replace(b"@", b"\xff")


def _forms(good: Claims) -> Iterator[tuple[str, str]]:
    token = handmade(HEADER, good)
    header, body, signature = token.split(".")
    other = part({**good, "role": "billing"})
    yield "payload exchanged", f"{header}.{other}.{signature}"
    yield "signature of another", f"{header}.{body}.{handmade(HEADER, {**good, 'sub': 'till-2'}).split('.')[2]}"
    yield "signature empty", f"{header}.{body}."
    yield "signature missing", f"{header}.{body}"
    yield "signature cut", f"{header}.{body}.{signature[:-2]}"
    yield "signature longer", f"{header}.{body}.{signature}AAAA"
    yield "signature of zeros", f"{header}.{body}.{'A' * len(signature)}"
    yield "first bit of the signature", f"{header}.{body}.{'B' if signature[0] != 'B' else 'C'}{signature[1:]}"
    # The last character carries two bits that mean nothing: 43 characters are 258 bits, the signature has 256.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    yield "spare bits of the signature", f"{header}.{body}.{signature[:-1]}{letters[letters.index(signature[-1]) + 1]}"
    for name, sign in {"padding": "=", "double padding": "==", "bang": "!", "tab": "\t", "star": "*"}.items():
        yield f"{name} at the end", f"{token}{sign}"
        yield f"{name} in the signature", f"{header}.{body}.{signature[:5]}{sign}{signature[5:]}"
        yield f"{name} in the header", f"{header[:5]}{sign}{header[5:]}.{body}.{signature}"
        yield f"{name} in the payload", f"{header}.{body[:5]}{sign}{body[5:]}.{signature}"
    yield "space inside", f"{header}. {body}.{signature}"
    yield "standard alphabet", f"{header}.{body}.{base64.b64encode(b'~~??' * 8).decode()}"
    yield "two tokens", f"{token} {token}"
    yield "two tokens with a comma", f"{token},{token}"
    yield "four parts", f"{token}.{signature}"
    yield "five parts", f"{header}..{body}.{signature}.{signature}"
    yield "a dot before", f".{token}"
    yield "only dots", ".."
    yield "JSON serialization", json.dumps({"protected": header, "payload": body, "signature": signature})
    yield "very long", handmade(HEADER, {**good, "more": "x" * 7000})
    yield "not ASCII", f"{header}.{body}.{signature[:-1]}\u00e9"
    yield "full-width", f"{header}.{body}.\uff21{signature[1:]}".encode().decode("latin-1")
    yield "quoted", f'"{token}"'
    yield "in a URL", f"{token}%20"
