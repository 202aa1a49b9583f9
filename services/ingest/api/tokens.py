"""`POST /v1/token`: OAuth 2 client credentials (RFC 6749, §4.4) for the machines of sources.

Errors are that RFC's, not problem documents. An unknown client takes as long as a wrong secret.
"""

import asyncio
import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, unquote_plus

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from services.ingest.api.bodies import whole
from services.ingest.api.connections import door_connection
from services.ingest.sources import read_client
from shared.auth.access import Access, requires
from shared.auth.client_secrets import matches
from shared.auth.roles import Principal, Role
from shared.auth.tokens import LIFETIME, sign
from shared.web.problems import Problem, problem_of

DOOR: Final = "token"
FORM: Final = "application/x-www-form-urlencoded"
SCOPE: Final = "source"
_LARGEST_BODY: Final = 8_192
_CHECKS_AT_ONCE: Final = 2
_MOST_WAITING: Final = 32

_log = structlog.get_logger("token")


class TokenDocument(BaseModel):
    """Le jeton d'un client (RFC 6749, §5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a type, not a token
    expires_in: int = Field(description="Secondes")
    scope: str


class TokenErrorDocument(BaseModel):
    """Un refus (RFC 6749, §5.2)."""

    error: Literal["invalid_request", "invalid_client", "unsupported_grant_type", "invalid_scope"]
    error_description: str


class TokenRequestDocument(BaseModel):
    """Le formulaire ; l'identifiant et le secret vont ici ou dans l'en-tête Basic."""

    grant_type: Literal["client_credentials"]
    client_id: str | None = None
    client_secret: str | None = None
    scope: Literal["source"] | None = None


class _TokenRefused(Exception):  # noqa: N818 - a decision, not a fault
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


class SecretChecks:
    """Checks of secrets take time and memory on purpose: two at once, and a bounded queue."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_CHECKS_AT_ONCE)
        self._waiting = 0

    async def match(self, secret: str, kept: str | None) -> bool:
        """Whether the secret is the one kept; `Problem` 429 when too many wait."""
        if self._waiting >= _MOST_WAITING:
            general = problem_of(429)
            raise Problem(
                429, general.code, general.title, general.detail, headers={"Retry-After": "2"}
            )
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(matches, secret, kept)
        finally:
            self._waiting -= 1


router = APIRouter(tags=["Clients"])


@router.post(
    "/token",
    summary="Obtenir un jeton de client",
    dependencies=[requires(Access.PUBLIC)],
    response_model=TokenDocument,
    responses={
        400: {"description": "Demande refusée", "model": TokenErrorDocument},
        401: {"description": "Client inconnu ou secret faux", "model": TokenErrorDocument},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {"$ref": "#/components/schemas/TokenRequestDocument"},
                    "examples": {
                        "formulaire": {
                            "value": {
                                "grant_type": "client_credentials",
                                "client_id": "editeur-1f2e3d4c",
                                "client_secret": "…",
                            }
                        }
                    },
                }
            },
        }
    },
)
async def token(request: Request) -> Response:
    """Un jeton d'une heure, du rôle `source`, contre l'identifiant et le secret d'un client."""
    try:
        client_id, secret = _credentials(request, await _form(request))
        source = await _source_of(request, client_id, secret)
    except _TokenRefused as refused:
        return _refuse(request, refused)
    now = datetime.now(UTC)
    principal = Principal(Role.SOURCE, source=source)
    _log.info("token_issued", client=client_id, source=source)
    return JSONResponse(
        {
            "access_token": sign(principal, request.app.state.client_signing_key, now),
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
            "scope": SCOPE,
        },
        headers={"Cache-Control": "no-store"},
    )


async def _source_of(request: Request, client_id: str, secret: str) -> str:
    """The source of a client who proves who it is."""
    async with door_connection(request.app.state.pool) as connection:
        client = await read_client(connection, client_id.replace("\x00", ""))
    source, kept = client or ("", None)
    checks: SecretChecks = request.app.state.secret_checks
    if not await checks.match(secret, kept):
        raise _TokenRefused("invalid_client", "Client inconnu ou secret faux.", 401)
    return source


async def _form(request: Request) -> dict[str, str]:
    """The parameters of the form, each once; those that ask for something else are refused."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != FORM:
        raise _TokenRefused("invalid_request", f"Le corps attendu est {FORM}.")
    body = await whole(request, _LARGEST_BODY)
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=20
        )
        form = dict(pairs)
    except ValueError:
        raise _TokenRefused("invalid_request", "Le formulaire est illisible.") from None
    if len(form) != len(pairs):
        raise _TokenRefused("invalid_request", "Un paramètre figure deux fois.")
    if "grant_type" not in form:
        raise _TokenRefused("invalid_request", "grant_type est obligatoire.")
    if form["grant_type"] != "client_credentials":
        raise _TokenRefused("unsupported_grant_type", "Seul client_credentials est proposé.")
    if form.get("scope", SCOPE) != SCOPE:
        raise _TokenRefused("invalid_scope", f"La seule portée est {SCOPE}.")
    return form


def _credentials(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """Client id and secret, of the Basic header or of the form, not of both."""
    headers = request.headers.getlist("authorization")
    if not headers:
        if "client_id" in form and "client_secret" in form:
            return form["client_id"], form["client_secret"]
        raise _TokenRefused("invalid_client", "Identifiant et secret sont obligatoires.", 401)
    if len(headers) > 1 or "client_secret" in form:
        raise _TokenRefused("invalid_request", "Une seule façon de s'authentifier à la fois.")
    scheme, _, encoded = headers[0].partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        decoded = ""
    if scheme.lower() != "basic" or ":" not in decoded:
        raise _TokenRefused("invalid_client", "En-tête Basic illisible.", 401)
    name, _, secret = decoded.partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _refuse(request: Request, refused: _TokenRefused) -> Response:
    request.app.state.refused(DOOR, refused.error)
    _log.warning("token_refused", code=refused.error, status=refused.status)
    document: dict[str, Any] = {
        "error": refused.error,
        "error_description": refused.description,
    }
    headers = {"Cache-Control": "no-store"}
    if refused.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="cadran", charset="UTF-8"'
    return JSONResponse(document, refused.status, headers)
