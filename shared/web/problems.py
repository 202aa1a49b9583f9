"""Problem details for HTTP APIs (RFC 9457), in French, with stable codes.

Nothing that the caller sent is ever repeated: neither values nor messages built from them.
"""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.faults import Fault, faults

MEDIA_TYPE = "application/problem+json"

log = structlog.get_logger()

OnRefusal = Callable[[Request, str], None]
"""Told of every refusal that an app answers: the request, the problem's code."""

_BY_STATUS = {
    400: ("bad-request", "Requête illisible", "La requête n'a pas pu être lue."),
    401: ("token-absent", "Jeton demandé", "Cette adresse demande un jeton."),
    403: ("role-refused", "Accès refusé", "Votre rôle n'ouvre pas cette adresse."),
    404: (
        "not-found",
        "Introuvable",
        "Cette adresse ne mène à rien, ou à rien qui vous soit ouvert.",
    ),
    405: ("method-not-allowed", "Méthode refusée", "Cette adresse n'accepte pas cette méthode."),
    406: ("not-acceptable", "Format indisponible", "Aucun des formats demandés n'est proposé."),
    413: ("body-too-large", "Envoi trop volumineux", "Le corps de la requête est trop grand."),
    415: ("unsupported-media-type", "Format refusé", "Ce format d'envoi n'est pas accepté."),
    422: ("request-invalid", "Requête incorrecte", "Des valeurs de la requête sont à corriger."),
    429: ("too-many-requests", "Trop de requêtes", "Attendez un peu avant de recommencer."),
    500: ("internal-error", "Erreur interne", "Une erreur est survenue ; elle a été consignée."),
    503: ("unavailable", "Indisponible", "Le service ne peut pas répondre pour l'instant."),
}


class Problem(Exception):  # noqa: N818 — RFC 9457's own word
    """A refusal to be answered as a problem document; raised anywhere below a route.

    `code` is stable and kebab-case; `title` and `detail` are French; `errors` are the faults
    of the request with their paths; `headers` go with the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


class FaultDocument(BaseModel):
    """One fault of a request, as answered."""

    code: str = Field(description="Code stable, pour les machines")
    path: str = Field(description="Endroit de la faute, points entre les niveaux")
    message: str = Field(description="Explication en français")


class ProblemDocument(BaseModel):
    """RFC 9457, as answered."""

    type: str = Field(examples=["urn:cadran:problem:request-invalid"])
    title: str
    status: int
    detail: str
    code: str = Field(description="Code stable, pour les machines")
    errors: list[FaultDocument] = []


def problem_of(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """The general problem of an HTTP status (404, 405, 413, 500 …)."""
    phrase = HTTPStatus(status).phrase.lower().replace(" ", "-").replace("'", "")
    fallback = (phrase, "Refus", "La requête est refusée.")
    code, title, detail = _BY_STATUS.get(status, fallback)
    return Problem(status, code, title, detail, headers=headers or {})


def respond(problem: Problem) -> JSONResponse:
    """The HTTP answer of `problem`."""
    document = {
        "type": f"urn:cadran:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "errors": [fault._asdict() for fault in problem.errors],
    }
    return JSONResponse(document, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def install_problems(app: FastAPI, on_refusal: OnRefusal = lambda _request, _code: None) -> None:
    """Answer every refusal and every fault of `app` as a problem document."""
    app.add_middleware(FaultBarrier)

    @app.exception_handler(Problem)
    async def on_problem(request: Request, problem: Problem) -> Response:
        on_refusal(request, problem.code)
        return respond(problem)

    @app.exception_handler(RequestValidationError)
    async def on_validation(request: Request, error: RequestValidationError) -> Response:
        return await on_problem(request, invalid_request(faults(error.errors())))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        if error.status_code < 400:
            return Response(status_code=error.status_code, headers=error.headers)
        return await on_problem(request, problem_of(error.status_code, error.headers))


def invalid_request(errors: tuple[Fault, ...]) -> Problem:
    """The 422 of values to correct; 400 when the body is not JSON at all."""
    status = 400 if any(fault.code == "unreadable-json" for fault in errors) else 422
    general = problem_of(status)
    return Problem(status, general.code, general.title, general.detail, errors=errors)


class FaultBarrier:
    """ASGI middleware: an unforeseen exception is logged once and answered 500, no detail."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; once an answer has begun the connection is broken off instead."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except HTTPException:
            raise
        except Exception:
            if scope["type"] != "http" or started:
                raise
            log.exception("request_failed", method=scope["method"])
            await respond(problem_of(500))(scope, receive, send)
