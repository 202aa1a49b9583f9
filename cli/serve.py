"""`cadran serve`: the processes of a stack, one command each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fastapi import FastAPI


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    serve = typer.Typer(no_args_is_help=True, help="Les processus d'une pile.", hidden=True)
    app.add_typer(serve, name="serve")

    @serve.command()
    def web(
        port: Annotated[int, typer.Option(help="Port d'écoute")] = 8000,
        host: Annotated[str, typer.Option(help="Adresse d'écoute")] = "127.0.0.1",
    ) -> None:
        """Sert les routes de tous les services."""
        from cli.processes import serve_web

        serve_web(port, host)

    @serve.command()
    def worker(service: Annotated[str, typer.Argument(help="ingest, etp ou modulation")]) -> None:
        """Consomme, projette et publie pour un service."""
        from cli.processes import serve_worker

        serve_worker(service)


def described_apps() -> "Mapping[str, FastAPI]":
    """The web apps by mount path; what describes them needs no stack."""
    from cli import processes

    return processes.described_apps()
