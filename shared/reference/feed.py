"""The columns that the ASP's feed is known to hold, from `feed-headers.txt`."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def feed_headers() -> Mapping[str, frozenset[str]]:
    """The names of the known columns of each view, by the view's name."""
    text = files("shared.reference").joinpath("feed-headers.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return MappingProxyType(
        {
            view: frozenset(columns.strip().split("|"))
            for view, _, columns in (line.partition(":") for line in lines)
        }
    )
