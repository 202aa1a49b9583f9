"""`cadran up`, `down` and `status`: the stack of this machine."""

import json
from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from cli import context
from deploy.local import stack
from deploy.local.errors import StackError
from deploy.local.home import Home
from shared.settings import ServiceSettings

_COLUMNS = ("processus", "pid", "en marche", "prêt", "raison", "sonde")


def register(app: typer.Typer, *, provision: Callable[[ServiceSettings, str], None]) -> None:
    """Add the three commands; `provision(settings, admin_dsn)` makes roles, schemas and topics."""

    def provision_home(home: Home) -> None:
        provision(home.settings(ServiceSettings), home.read()["postgres"]["dsn"])

    @app.command()
    def up() -> None:
        """Démarre ce qui ne tourne pas, attend que tout soit prêt, et rend la main."""
        home = Home.at()
        try:
            stack.up(home, provision_home, _say)
        except StackError as error:
            _stop(error)
        _say(f"La pile est prête : {home.read()['url']}")

    @app.command()
    def down(
        remove: Annotated[bool, typer.Option("--remove", help="Efface aussi les données")] = False,
    ) -> None:
        """Arrête la pile, dans l'ordre inverse du démarrage."""
        try:
            stack.down(Home.at(), _say, remove=remove)
        except StackError as error:
            _stop(error)
        _say("La pile est arrêtée et effacée." if remove else "La pile est arrêtée.")

    app.command()(status)


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False,
) -> None:
    """Dit l'état de chaque processus ; sort avec 1 si l'un d'eux n'est pas prêt."""
    try:
        rows = stack.status(Home.at())
    except StackError as error:
        _stop(error)
    if as_json:
        typer.echo(json.dumps({"rows": rows}, ensure_ascii=False))
    else:
        context.draw_table(_COLUMNS, (map(_cell, row.values()) for row in rows))
    if not all(row["ready"] for row in rows):
        raise typer.Exit(1)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return "" if value is None else str(value)


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _stop(error: StackError) -> NoReturn:
    _say(f"Échec : {error}")
    raise typer.Exit(error.exit_code)
