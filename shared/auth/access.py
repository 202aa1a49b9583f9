"""What a route demands of who calls it, and the check itself.

Declaring is enforcing: the declaration of a route is the dependency that verifies its bearer
token. `Annotated[Principal, requires(Access.of(Role.CD))]` also hands the principal over;
`dependencies=[requires(Access.PUBLIC)]` opens a route to all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import structlog
from fastapi import Depends, FastAPI, WebSocketException
from fastapi.openapi.models import HTTPBearer as BearerModel
from fastapi.security.base import SecurityBase
from joserfc.jwk import OKPKey
from starlette.requests import HTTPConnection

from shared.auth.roles import Principal, Role
from shared.auth.tokens import TokenError, verify
from shared.web.problems import Problem

log = structlog.get_logger()

_DETAILS = {
    "token-absent": "Cette adresse demande un jeton : en-tête Authorization: Bearer …",
    "token-invalid": "Le jeton présenté n'est pas valable.",
    "token-expired": "Le jeton présenté a expiré : demandez-en un autre.",
    "token-too-long-lived": "Le jeton présenté dure plus de 24 heures : il est refusé.",
}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route: everybody (`Access.PUBLIC`), or the bearers of some roles."""

    roles: frozenset[Role]

    PUBLIC: ClassVar["Access"]

    @classmethod
    def of(cls, *roles: Role) -> "Access":
        """Access for these roles; `ValueError` without a role, or with the public one."""
        if not roles or Role.PUBLIC in roles:
            raise ValueError("a guarded route names at least one role, and not the public one")
        return cls(frozenset(roles))

    @property
    def scope(self) -> str:
        """`public`, or the roles separated by spaces, as `cadran routes` shows it."""
        return " ".join(role for role in Role if role in self.roles) or "public"


Access.PUBLIC = Access(frozenset())


@dataclass(frozen=True, slots=True)
class Verifier:
    """What an app needs to check a token: the public keys and the clock.

    `client_key` is that of machine clients' tokens, which bear the role `source` and no other.
    """

    key: OKPKey
    clock: Callable[[], datetime]
    client_key: OKPKey | None = None

    def principal(self, token: str) -> Principal:
        """Whose token it is; `TokenError` when it is refused."""
        now = self.clock()
        try:
            return verify(token, self.key, now)
        except TokenError as error:
            if self.client_key is None or error.code != "token-invalid":
                raise
        principal = verify(token, self.client_key, now)
        if principal.role is not Role.SOURCE:
            raise TokenError("token-invalid")
        return principal


def utc_now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


def install_verifier(
    app: FastAPI,
    key: OKPKey,
    clock: Callable[[], datetime] = utc_now,
    client_key: OKPKey | None = None,
) -> None:
    """Give `app` the public keys of its tokens; without it every guarded route answers 500."""
    app.state.verifier = Verifier(key, clock, client_key)


class Guard(SecurityBase):
    """The dependency of a guarded route: 401 without a good token, 403 with another role."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.model = BearerModel(bearerFormat="JWT")
        self.scheme_name = "bearer"

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """The principal of the request; every refusal is logged."""
        try:
            principal = _verified(connection)
        except TokenError as error:
            raise _refusal(connection, 401, error.code, role=None) from error
        if principal.role not in self.access.roles:
            raise _refusal(connection, 403, "role-refused", role=principal.role)
        return principal


class OpenDoor:
    """The dependency of a public route: it checks nothing, it only declares."""

    access = Access.PUBLIC

    async def __call__(self) -> None:
        """Nothing to verify."""


def requires(access: Access) -> Any:
    """The FastAPI dependency that declares and enforces `access`."""
    return Depends(OpenDoor() if access == Access.PUBLIC else Guard(access))


def _verified(connection: HTTPConnection) -> Principal:
    verifier: Verifier = connection.app.state.verifier
    headers = connection.headers.getlist("authorization")
    if not headers:
        raise TokenError("token-absent")
    scheme, _, token = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer":
        raise TokenError("token-invalid")
    return verifier.principal(token.strip())


def _refusal(connection: HTTPConnection, status: int, code: str, role: Role | None) -> Exception:
    method = str(connection.scope.get("method", "WEBSOCKET"))
    log.warning(
        "access_refused",
        method=method,
        route=route_template(connection),
        status=status,
        code=code,
        role=role,
    )
    if connection.scope["type"] == "websocket":
        return WebSocketException(code=1008, reason=code)
    if status == 403:
        detail = "Votre rôle n'ouvre pas cette adresse."
        return Problem(403, code, "Accès refusé", detail)
    challenge = "Bearer" if code == "token-absent" else 'Bearer error="invalid_token"'
    return Problem(
        401, code, "Jeton demandé", _DETAILS[code], headers={"WWW-Authenticate": challenge}
    )


def route_template(connection: HTTPConnection) -> str:
    """The path with its parameters' names in place of their values: fit for a log."""
    names = {str(value): name for name, value in connection.path_params.items()}
    segments = str(connection.scope["path"]).split("/")
    return "/".join(f"{{{names[part]}}}" if part in names else part for part in segments)
