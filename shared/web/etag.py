"""Strong entity tags over the bytes of an answer, and `304` when the caller has them already."""

from hashlib import sha256

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

JSON = "application/json"
_HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}


def etag(content: bytes) -> str:
    """The strong entity tag of `content`, quotes included (RFC 9110, 8.8.3)."""
    return f'"{sha256(content).hexdigest()[:32]}"'


def tagged(request: Request, content: bytes, media_type: str = JSON) -> Response:
    """`content` with its ETag, or 304 without a body when `If-None-Match` names that tag."""
    tag = etag(content)
    headers = {**_HEADERS, "ETag": tag}
    if _matches(",".join(request.headers.getlist("if-none-match")), tag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


def tagged_json(request: Request, model: BaseModel) -> Response:
    """`model` as JSON with its ETag, or 304."""
    return tagged(request, model.model_dump_json().encode())


def _matches(asked: str, tag: str) -> bool:
    """Weak comparison (RFC 9110, 13.1.2): `*`, or a list that holds the tag."""
    tags = [item.strip().removeprefix("W/") for item in asked.split(",")]
    return "*" in tags or tag in tags
