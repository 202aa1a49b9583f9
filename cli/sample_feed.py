"""`cadran sample-feed`: a synthetic delivery in the ASP's exact format, the same bytes by seed."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

REFUSED = 2
SHOWN_EVERY = 25
"""Structures between two moves of the progress bar."""


def register(app: typer.Typer) -> None:
    """Add the command to the `cadran` application."""
    app.command("sample-feed", help="Écrit une livraison fictive au format exact de l'ASP.")(
        sample_feed
    )


def sample_feed(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Dossier à créer, ou vide")],
    *,
    structures: Annotated[int, typer.Option(help="Nombre de structures")],
    years: Annotated[int, typer.Option(help="Nombre d'années, la dernière comprise")],
    seed: Annotated[int, typer.Option(help="Graine : mêmes arguments, mêmes octets")],
    stamp: Annotated[
        str | None, typer.Option(help="Horodatage de la livraison, JJMMAAAA_HHMMSS")
    ] = None,
    last_month: Annotated[
        str | None, typer.Option(help="Dernier mois déclaré, AAAA-MM (défaut : celui d'avant)")
    ] = None,
    changed: Annotated[
        int, typer.Option(help="Pour cent des états mensuels dont les heures diffèrent")
    ] = 0,
) -> None:
    """Write the delivery; exit 2 with the reason in French when it is refused."""
    from shared.testing.sample.feed import write_feed
    from shared.testing.sample.request import SampleRequestError, sample_request

    console = Console(stderr=True)
    try:
        request = sample_request(
            structures,
            years,
            seed,
            stamp=stamp,
            last_month=last_month,
            changed_percent=changed,
        )
        with Progress(
            *Progress.get_default_columns()[:2],
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        ) as progress:
            task = progress.add_task("Structures écrites", total=structures)

            def advanced(number: int) -> None:
                if number % SHOWN_EVERY == 0:
                    progress.update(task, completed=number)

            rows = write_feed(request, out, advanced)
    except SampleRequestError as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(REFUSED) from None
    told = ", ".join(f"{view} {number}" for view, number in rows.items())
    typer.echo(f"{out} : {told}.", err=True)
