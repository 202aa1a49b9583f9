"""`cadran asyncapi`: the description of the log, as committed."""

from pathlib import Path
from typing import Annotated

import typer

from cli import context

FILE = Path("docs/asyncapi.json")


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command()
    def asyncapi(
        check: Annotated[bool, typer.Option("--check", help="Compare sans écrire")] = False,
        output: Annotated[Path, typer.Option(help="Fichier à écrire")] = FILE,
    ) -> None:
        """Écrit la description AsyncAPI des sujets Kafka et de leurs événements."""
        from shared.kafka.asyncapi import asyncapi_document
        from shared.web.openapi import as_text

        context.write_generated(
            output, as_text(asyncapi_document()), command="cadran asyncapi", check=check
        )
