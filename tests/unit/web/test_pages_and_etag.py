"""Lists by pages, and entity tags."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import Request, Response

from shared.auth.access import Access, requires
from shared.web.app import create_web_app
from shared.web.etag import etag, tagged_json
from shared.web.pages import AskedPage, page_of


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_web_app("Essai", "Essai")

    @app.get("/numbers", dependencies=[requires(Access.PUBLIC)])
    async def numbers(request: Request, asked: AskedPage) -> Response:
        every = range(250)
        items = list(every[asked.offset : asked.offset + asked.size])
        return tagged_json(request, page_of(items, len(every), asked))

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://cadran.test") as made:
        yield made


@pytest.mark.parametrize(
    ("query", "items", "page", "size"),
    [
        ("", range(100), 1, 100),
        ("?page=3", range(200, 250), 3, 100),
        ("?page=2&size=7", range(7, 14), 2, 7),
        ("?size=1000", range(250), 1, 1000),
        ("?page=4", range(0), 4, 100),
    ],
)
async def test_a_page(
    client: httpx.AsyncClient, query: str, items: range, page: int, size: int
) -> None:
    document = (await client.get(f"/numbers{query}")).json()
    assert list(document) == ["items", "total", "page", "size"]
    assert (document["total"], document["page"], document["size"]) == (250, page, size)
    assert document["items"] == list(items)


@pytest.mark.parametrize("query", ["page=0", "page=-1", "size=0", "size=1001", "page=1e3", "page="])
async def test_a_page_out_of_bounds_is_refused(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/numbers?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == f"query.{query.partition('=')[0]}"


@pytest.mark.parametrize("form", ["{tag}", "W/{tag}", '"x", {tag}', "*", '"y",W/{tag} , "z"'])
async def test_what_the_caller_has_already_is_304(client: httpx.AsyncClient, form: str) -> None:
    first = await client.get("/numbers")
    tag = first.headers["etag"]
    assert tag == etag(first.content)
    again = await client.get("/numbers", headers={"If-None-Match": form.format(tag=tag)})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert again.headers["vary"] == "Authorization"


async def test_another_content_has_another_tag(client: httpx.AsyncClient) -> None:
    tag = (await client.get("/numbers")).headers["etag"]
    other = await client.get("/numbers?page=2", headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["etag"] != tag
    assert other.headers["cache-control"] == "private, no-cache"
