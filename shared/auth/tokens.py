"""Signed, short-lived bearer tokens: JWT (RFC 7519) under Ed25519 (RFC 8037, RFC 9864).

The role and its scope are inside; the clock is an argument. A token says nothing of a person.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OKPKey

from shared.auth.roles import Principal, Role, ScopeError

ALGORITHM = "Ed25519"
ISSUER = "urn:cadran:issuer"
AUDIENCE = "urn:cadran:api"
LIFETIME = timedelta(minutes=60)
MAXIMUM_LIFETIME = timedelta(hours=24)
LEEWAY_SECONDS = 30
_LONGEST_TOKEN = 8_192


class TokenError(Exception):
    """A token that is refused; `code` is stable, nothing of the token is in the message.

    Codes: `token-invalid` (unreadable, forged, another key, another algorithm, a claim missing
    or out of place), `token-expired`, `token-too-long-lived`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def sign(principal: Principal, key: OKPKey, now: datetime, lifetime: timedelta = LIFETIME) -> str:
    """A token for `principal`, valid from `now` (an aware instant) for `lifetime`.

    Raises `ValueError` unless the lifetime is positive and at most 24 hours.
    """
    if not timedelta(0) < lifetime <= MAXIMUM_LIFETIME:
        raise ValueError("la durée d'un jeton va jusqu'à 24 heures")
    issued = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + int(lifetime.total_seconds()),
        "jti": uuid4().hex,
        "role": principal.role.value,
        "scope": _scope_claim(principal),
    }
    return jwt.encode({"alg": ALGORITHM}, claims, key, algorithms=[ALGORITHM])


def verify(token: str, key: OKPKey, now: datetime) -> Principal:
    """The principal of `token` as of `now`, 30 seconds of leeway; `TokenError` when refused."""
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        raise TokenError("token-invalid")
    registry = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
        role={"essential": True, "values": [role.value for role in Role]},
        scope={"essential": True, "allow_blank": True},
    )
    try:
        claims = jwt.decode(token, key, algorithms=[ALGORITHM]).claims
        registry.validate(claims)
    except ExpiredTokenError as error:
        raise TokenError("token-expired") from error
    except (JoseError, ValueError, RecursionError) as error:
        raise TokenError("token-invalid") from error
    if claims["exp"] - claims["iat"] > MAXIMUM_LIFETIME.total_seconds():
        raise TokenError("token-too-long-lived")
    return _principal(claims)


def _scope_claim(principal: Principal) -> dict[str, object]:
    scope: dict[str, object] = {
        "department": principal.department,
        "region": principal.region,
        "structures": sorted(principal.structures),
        "source": principal.source,
    }
    return {name: value for name, value in scope.items() if value}


def _principal(claims: Mapping[str, Any]) -> Principal:
    scope = claims["scope"]
    if not isinstance(scope, dict) or scope.keys() - {
        "department",
        "region",
        "structures",
        "source",
    }:
        raise TokenError("token-invalid")
    texts = {name: scope.get(name) for name in ("department", "region", "source")}
    structures = scope.get("structures", [])
    readable = (
        all(value is None or isinstance(value, str) for value in texts.values())
        and isinstance(structures, list)
        and all(type(structure) is int for structure in structures)
    )
    if not readable:
        raise TokenError("token-invalid")
    try:
        return Principal(Role(claims["role"]), structures=frozenset(structures), **texts)
    except (ScopeError, ValueError) as error:
        raise TokenError("token-invalid") from error
