"""Reading the project's Markdown: links, anchors, code, and the commands that it names."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_COMMAND = re.compile(r"(?<![\w-])cadran( [^\n|;#)\"`]+)")
_TARGET = re.compile(r"(?<![\w-])make ([a-z][a-z-]*)")
_WORD = re.compile(r"[a-z][a-z-]*")
_QUOTED = re.compile(r"« ([^«»]+?) »")


def pages() -> list[Path]:
    """Every page of the project."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    """A page as tests show it."""
    return page.relative_to(ROOT).as_posix()


def links(text: str) -> list[str]:
    """Targets of the links that are not addresses of the web."""
    return [target for target in _LINK.findall(_FENCE.sub("", text)) if "://" not in target]


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as forges make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_link(page: Path, target: str) -> str | None:
    """Why a link of `page` leads nowhere; None when it resolves inside the project."""
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    if not file.is_relative_to(ROOT):
        return "outside the project"
    if not file.exists():
        return "no such file"
    if anchor and anchor not in anchors(file.read_text("utf-8")):
        return "no such heading"
    return None


def code(text: str) -> str:
    """The blocks and spans of code, a line each at least."""
    blocks = _FENCE.findall(text)
    return "\n".join([*blocks, *_SPAN.findall(_FENCE.sub("", text))])


def commands(text: str) -> list[str]:
    """What follows `cadran` wherever code names a command."""
    return [found.strip() for found in _COMMAND.findall(code(text))]


def make_targets(text: str) -> set[str]:
    """The targets of make that code names."""
    return set(_TARGET.findall(code(text)))


def section(text: str, heading: str) -> tuple[str, str]:
    """A page without one of its sections, and that section."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    inside = [part for part in parts if part.startswith(f"## {heading}\n")]
    return "".join(part for part in parts if part not in inside), "".join(inside)


def quoted(text: str) -> set[str]:
    """What a page quotes between French quotation marks."""
    return set(_QUOTED.findall(text))


def unknown_in(group: Any, command: str) -> str | None:
    """What a command names that the command line lacks; None when all of it exists."""
    node = group
    words = [word.strip("[]") for word in command.split()]
    for position, word in enumerate(words):
        if not hasattr(node, "commands") or word.startswith("-"):
            return _unknown_option(node, words[position:])
        if not _WORD.fullmatch(word) or word not in node.commands:
            return word
        node = node.commands[word]
    return None


def _unknown_option(command: Any, words: list[str]) -> str | None:
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return next((w for w in words if w.startswith("--") and w not in known), None)


def sources() -> Iterator[str]:
    """The text of every program of the project, its tests left out."""
    for folder in ("cli", "deploy", "services", "shared"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".sh"}:
                yield path.read_text("utf-8")
