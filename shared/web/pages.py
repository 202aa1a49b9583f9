"""Lists by pages: the query parameters `page` and `size`, and the answer's shape."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field, create_model

LARGEST_PAGE = 1_000
_LAST_PAGE = 1_000_000

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The page asked for: `page` from 1, `size` items at most."""

    page: int = 1
    size: int = 100

    @property
    def offset(self) -> int:
        """How many items come before this page."""
        return (self.page - 1) * self.size


def page_request(
    page: Annotated[int, Query(ge=1, le=_LAST_PAGE, description="Page, à partir de 1")] = 1,
    size: Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Éléments par page")] = 100,
) -> PageRequest:
    """FastAPI dependency: the page asked for by the query."""
    return PageRequest(page, size)


AskedPage = Annotated[PageRequest, Depends(page_request)]


class Page(BaseModel, Generic[Item]):
    """A list's answer: the items of one page, and how many there are in all."""

    items: Sequence[Item]
    total: int = Field(ge=0, description="Nombre total d'éléments, toutes pages confondues")
    page: int = Field(ge=1)
    size: int = Field(ge=1, le=LARGEST_PAGE)


def page_of(items: Sequence[Item], total: int, asked: PageRequest) -> Page[Item]:
    """The answer to `asked`; `total` counts the items of all pages."""
    return Page(items=items, total=total, page=asked.page, size=asked.size)


def page_model(item: type[BaseModel]) -> Any:
    """The model of a list of `item` by pages."""
    name = f"{item.__name__}Page"
    return create_model(name, __base__=Page[Any], items=(list[item], ...))  # type: ignore[valid-type]
