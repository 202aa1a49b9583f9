"""Request bodies, bounded while they arrive."""

from collections.abc import AsyncIterator

from fastapi import Request
from starlette.requests import ClientDisconnect

from shared.web.problems import Problem, problem_of


async def bounded(request: Request, most: int) -> AsyncIterator[bytes]:
    """The pieces of a body of at most `most` bytes. `Problem`: 413 beyond, 415 when it is
    compressed, 400 when the client goes away."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        detail = "Un envoi compressé n'est pas accepté : envoyez le corps tel quel."
        raise Problem(415, "encoded-body", "Format refusé", detail)
    too_large = Problem(
        413, "body-too-large", "Envoi trop volumineux", f"Au plus {most} octets par envoi."
    )
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise too_large
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > most:
                raise too_large
            yield piece
    except ClientDisconnect:
        raise Problem(
            400, "body-cut", "Envoi interrompu", "Le corps de la requête n'est pas arrivé entier."
        ) from None


async def whole(request: Request, most: int) -> bytes:
    """The body of at most `most` bytes."""
    return b"".join([piece async for piece in bounded(request, most)])


def media_type(request: Request, *accepted: str) -> str:
    """The request's media type, one of `accepted`; `Problem` 415."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in accepted:
        raise problem_of(415)
    return given
