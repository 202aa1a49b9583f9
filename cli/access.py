"""`cadran token`, `cadran routes` and `cadran openapi`: who may call what, and with what."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import context
from shared.auth.keys import load_signing_key
from shared.auth.roles import Principal, Role, ScopeError
from shared.auth.tokens import sign
from shared.settings import MissingSecretError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from shared.auth.routes import RouteAccess

WebApps = Callable[[], Mapping[str, "FastAPI"]]

_OPENAPI_FILE = Path("docs/openapi.json")
_ID = re.compile(r"[0-9]{1,18}")


def register(app: typer.Typer, *, secrets_folder: Callable[[], Path], web_apps: WebApps) -> None:
    """Add the three commands to `app`; both callables are called when a command runs.

    `web_apps` gives the apps by the path where each is mounted (`etp`, or "" for the root).
    """
    _register_token(app, secrets_folder)
    _register_routes(app, web_apps)
    _register_openapi(app, web_apps)


def principal_from(
    role: str, department: str | None, region: str | None, structures: list[str], source: str | None
) -> Principal:
    """The principal that the options name; `ScopeError` in French when they do not fit."""
    if role not in list(Role):
        raise ScopeError("role-unknown", f"rôle inconnu ; rôles possibles : {', '.join(Role)}")
    if not all(_ID.fullmatch(text) for text in structures):
        raise ScopeError("structure-invalid", "un identifiant de structure est un nombre positif")
    return Principal(
        Role(role),
        department=department.upper() if department else None,
        region=region,
        structures=frozenset(map(int, structures)),
        source=source,
    )


def _register_token(app: typer.Typer, secrets_folder: Callable[[], Path]) -> None:
    @app.command()
    def token(
        role: Annotated[str, typer.Option(help=f"Rôle : {', '.join(Role)}")] = "",
        department: Annotated[str | None, typer.Option(help="Code, pour cd et ddets")] = None,
        region: Annotated[str | None, typer.Option(help="Nom, pour dreets")] = None,
        structure: Annotated[
            list[str] | None, typer.Option(help="Identifiant, pour siae (répétable)")
        ] = None,
        source: Annotated[str | None, typer.Option(help="Nom, pour source")] = None,
    ) -> None:
        """Signe un jeton d'une heure et l'affiche seul."""
        try:
            principal = principal_from(role, department, region, structure or [], source)
        except ScopeError as error:
            context.fail(f"Refusé : {error}.", context.REFUSED)
        try:
            key = load_signing_key(secrets_folder())
        except MissingSecretError as error:
            context.fail(
                f"Il manque une clé sur cette machine ({error}) : lancez « cadran up ».",
                context.MISSING,
            )
        typer.echo(sign(principal, key, datetime.now(UTC)))


def _register_routes(app: typer.Typer, web_apps: WebApps) -> None:
    @app.command()
    def routes(
        as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False,
    ) -> None:
        """Liste chaque adresse : méthode, chemin, et qui peut l'appeler."""
        rows = all_routes(web_apps())
        if as_json:
            typer.echo(json.dumps({"rows": [row._asdict() for row in rows]}, ensure_ascii=False))
            return
        context.draw_table(("méthode", "chemin", "qui"), rows)


def _register_openapi(app: typer.Typer, web_apps: WebApps) -> None:
    @app.command()
    def openapi(
        check: Annotated[bool, typer.Option("--check", help="Compare sans écrire")] = False,
        output: Annotated[Path, typer.Option(help="Fichier à écrire")] = _OPENAPI_FILE,
    ) -> None:
        """Écrit la description OpenAPI de toutes les adresses."""
        from shared.web.openapi import as_text, merged_openapi

        text = as_text(merged_openapi(web_apps()))
        context.write_generated(output, text, command="cadran openapi", check=check)


def all_routes(apps: Mapping[str, "FastAPI"]) -> list["RouteAccess"]:
    """The routes of every app under its mount path, sorted by path and method."""
    from shared.auth.routes import describe
    from shared.web.openapi import mount_path

    rows = [row for mount, app in apps.items() for row in describe(app, mount_path(mount))]
    return sorted(rows, key=lambda row: (row.path, row.method))
