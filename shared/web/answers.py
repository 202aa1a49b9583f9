"""Answers of the read APIs: rows as JSON with their ETag, by pages, and what is not found."""

import json
from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import Request
from starlette.responses import Response

from shared.auth.access import route_template
from shared.auth.roles import Principal
from shared.web.etag import tagged
from shared.web.exports import item
from shared.web.pages import PageRequest
from shared.web.problems import Problem

log = structlog.get_logger()


def items(rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Rows as JSON objects."""
    return [item(row) for row in rows]


def cut(request: Request, rows: Sequence[Any], asked: PageRequest) -> Response:
    """The page asked for of items that are all at hand."""
    return page(request, rows[asked.offset : asked.offset + asked.size], len(rows), asked)


def page(request: Request, rows: Sequence[Any], total: int, asked: PageRequest) -> Response:
    """A page of rows, or of objects made of them."""
    shown = [row if isinstance(row, dict) else item(row) for row in rows]
    document = {"items": shown, "total": total, "page": asked.page, "size": asked.size}
    return answer(request, document)


def answer(request: Request, document: dict[str, Any]) -> Response:
    """A JSON document with its ETag."""
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return tagged(request, content.encode())


def not_found(request: Request, reader: Principal, code: str, title: str, detail: str) -> Problem:
    """A 404, the same whether there is nothing or it is another's; logged."""
    log.warning(
        "access_refused",
        method=request.method,
        route=route_template(request),
        status=404,
        code=code,
        role=reader.role,
    )
    return Problem(404, code, title, detail)
