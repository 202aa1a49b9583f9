"""The project's documents say what exists: links, commands, messages, decisions."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from tests.architecture import documents as md

PAGES = md.pages()
DECISIONS = sorted((md.ROOT / "docs" / "adr").glob("[0-9]*.md"))
RUNBOOKS = md.ROOT / "docs" / "runbooks"
PARTS = ("Context", "Decision", "Consequences", "What would change our mind")
TO_COME = "To come"
ELSEWHERE = re.compile(
    r"(?<![\w.~)}/-])/(?:work|home|root|tmp|opt|srv)/"
    r"|pypi\.org|pythonhosted\.org|maven\.org|maven\.apache\.org|npmjs|golang\.org|docker\.io"
)
"""Folders of some machine, and hosts of registries: nothing to name in a document."""


@pytest.fixture(scope="module")
def command_line() -> Any:
    """The `cadran` command, with all its groups."""
    from cli.main import app

    return typer.main.get_command(app)


@pytest.mark.parametrize("page", PAGES, ids=md.name)
def test_every_link_resolves(page: Path) -> None:
    targets = md.links(page.read_text("utf-8"))
    broken = {target: why for target in targets if (why := md.broken_link(page, target))}
    assert broken == {}


def test_a_broken_link_is_seen() -> None:
    page = md.ROOT / "README.md"
    assert md.links("[a](b.md) [w](https://example.org)\n```\n[c](d)\n```\n") == ["b.md"]
    assert md.broken_link(page, "docs/none.md") == "no such file"
    assert md.broken_link(page, "docs/privacy.md#none") == "no such heading"
    assert md.broken_link(page, "../elsewhere.md") == "outside the project"
    assert md.broken_link(page, "docs/privacy.md#how-long") is None


def test_every_document_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [md.ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            targets = md.links(page.read_text("utf-8"))
            waiting += [(page.parent / target.partition("#")[0]).resolve() for target in targets]
    assert [md.name(page) for page in PAGES if page not in reached] == []


@pytest.mark.parametrize("page", PAGES, ids=md.name)
def test_every_command_exists(page: Path, command_line: Any) -> None:
    text, _ = md.section(page.read_text("utf-8"), TO_COME)
    unknown = [c for c in md.commands(text) if md.unknown_in(command_line, c)]
    assert unknown == []


def test_what_is_to_come_does_not_exist_yet(command_line: Any) -> None:
    page = md.ROOT / "docs" / "interfaces.md"
    _, to_come = md.section(page.read_text("utf-8"), TO_COME)
    announced = md.commands(to_come)
    assert announced
    assert [c for c in announced if not md.unknown_in(command_line, c)] == []


def test_an_unknown_command_is_seen(command_line: Any) -> None:
    assert md.commands("`cadran load A --wait` and\n```\n$(.venv/bin/cadran token)\n```\n") == [
        "token",
        "load A --wait",
    ]
    assert md.unknown_in(command_line, "topics create") is None
    assert md.unknown_in(command_line, "topics burn") == "burn"
    assert md.unknown_in(command_line, "nothing") == "nothing"
    assert md.unknown_in(command_line, "load A [--never]") == "--never"


@pytest.mark.parametrize("page", PAGES, ids=md.name)
def test_every_target_of_make_exists(page: Path) -> None:
    makefile = (md.ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    assert md.make_targets(page.read_text("utf-8")) - targets == set()


def test_every_folder_of_the_readme_exists() -> None:
    text = md.code((md.ROOT / "README.md").read_text("utf-8"))
    folders = re.findall(r"^(?:services|shared|cli|deploy|tests|docs)/\S*$", text, re.MULTILINE)
    assert len(folders) > 10
    assert [folder for folder in folders if not (md.ROOT / folder).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=md.name)
def test_nothing_outside_the_project_is_named(page: Path) -> None:
    assert ELSEWHERE.findall(page.read_text("utf-8")) == []


def test_a_place_outside_is_seen() -> None:
    assert ELSEWHERE.findall("see /tmp/x, https://pypi.org/a") == ["/tmp/", "pypi.org"]  # noqa: S108
    assert not ELSEWHERE.findall("`/etp/v1/annexes`, shared/tmp/x")


@pytest.mark.parametrize("page", DECISIONS, ids=md.name)
def test_a_decision_is_one_whole_page(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == list(PARTS)
    assert all(part.strip().count("\n") for part in re.split(r"^(?=## )", text, flags=re.M)[1:])
    assert text.startswith(f"# {page.name[:4]} — ")
    assert text.count("\n") <= 60


def test_decisions_are_numbered_and_listed() -> None:
    numbers = [int(page.name[:4]) for page in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))
    index = (md.ROOT / "docs" / "adr" / "README.md").read_text("utf-8")
    assert sorted(t for t in md.links(index)) == [page.name for page in DECISIONS]


def test_every_message_of_the_runbooks_is_said_by_the_code() -> None:
    said = "\n".join(md.sources())
    index = (RUNBOOKS / "README.md").read_text("utf-8")
    quoted = md.quoted(index.partition("\n## ")[2])
    assert len(quoted) > 20
    assert sorted(text for text in quoted if text not in said) == []


def test_every_reason_of_a_worker_has_its_runbook() -> None:
    index = md.quoted((RUNBOOKS / "README.md").read_text("utf-8"))
    reasons = [
        reason
        for path in (md.ROOT / "shared" / "kafka").glob("*.py")
        for reason in reasons_in(path.read_text("utf-8"))
    ]
    assert len(reasons) > 10
    assert [r for r in reasons if not any(text in r for text in index)] == []


def test_a_reason_is_seen() -> None:
    program = """
class A:
    def not_ready(self):
        self.fault = f"attente de {self.name} depuis une heure"
        return "une raison neuve" if self.x else None
"""
    assert reasons_in(program) == ["attente de … depuis une heure", "une raison neuve"]


def reasons_in(program: str) -> list[str]:
    """What a module may answer to a probe: faults, stops, and returns of its checks."""
    values = [value for node in ast.walk(ast.parse(program)) for value in _reason_values(node)]
    return sorted({text for value in values for text in _texts(value) if len(text) > 10})


def _reason_values(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.Assign(targets=[ast.Attribute(attr="fault")], value=value):
            return [value]
        case ast.AnnAssign(target=ast.Attribute(attr="fault"), value=ast.expr() as value):
            return [value]
        case ast.Call(func=ast.Attribute(attr="_stop"), args=[*_, reason]):
            return [reason]
        case ast.Call(func=ast.Name(id="LogMismatchError"), args=[reason]):
            return [reason]
        case ast.FunctionDef(name="not_ready" | "stuck" | "spend"):
            returns = [inner for inner in ast.walk(node) if isinstance(inner, ast.Return)]
            return [inner.value for inner in returns if inner.value is not None]
        case _:
            return []


def _texts(node: ast.AST) -> Iterator[str]:
    """The strings of an expression, with `…` where one is filled in."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    elif isinstance(node, ast.Constant):
        yield str(node.value)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)
