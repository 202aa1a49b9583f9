"""`cadran rebuild`: a projection made again from the log, compared with the live one, swapped."""

from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli import context
from cli.provision import admin_dsn, migrate_schemas
from shared.kafka.consumer import Checkpoint, LogMismatchError, no_checkpoint

if TYPE_CHECKING:
    from shared.database.shadow import Difference
    from shared.kafka.projection import ServiceProjection
    from shared.settings import ServiceSettings

COLUMNS: Final = ("table", "rows", "different")
PROJECTING: Final = ("etp", "modulation")
"""The services that have a projection."""


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command()
    def rebuild(
        service: Annotated[str, typer.Argument(help=f"Service : {', '.join(PROJECTING)}")],
        check: Annotated[
            bool, typer.Option("--check", help="Compare seulement, ne remplace rien")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False,
    ) -> None:
        """Refait une projection depuis le journal, la compare, la remplace ; 1 si différente."""
        from shared.kafka.rebuild import RebuildRefusedError

        if service not in PROJECTING:
            known = ", ".join(PROJECTING)
            context.fail(f"service sans projection : {service} ({known})", context.REFUSED)
        try:
            differences = context.run(rebuild_service(service, check=check))
        except (RebuildRefusedError, LogMismatchError) as refused:
            context.fail(f"Reconstruction refusée, rien n'a changé : {refused}.", context.REFUSED)
        rows = [difference._asdict() for difference in differences]
        context.print_rows(rows, COLUMNS, as_json=as_json)
        if any(difference.different for difference in differences):
            done = "rien n'a été remplacé" if check else "elle est remplacée"
            context.fail(f"La projection différait du journal ; {done}.", context.FAULT)


async def rebuild_service(
    service: str, *, check: bool, checkpoint: Checkpoint = no_checkpoint
) -> "list[Difference]":
    """Rebuild the projection of one of `PROJECTING`; a test's `checkpoint` ends the process."""
    from shared.kafka.cluster import open_log
    from shared.kafka.rebuild import Rebuild

    settings, target = _projection_of(service)
    with _bar() as progress:
        task = progress.add_task(f"Relecture du journal pour {service}", total=None)
        return await Rebuild(
            settings=settings,
            admin_dsn=admin_dsn(),
            target=target,
            log=await open_log(settings),
            migrate=lambda schemas: migrate_schemas(settings, service, schemas),
            progress=lambda done, total: progress.update(task, completed=done, total=total),
            checkpoint=checkpoint,
        ).run(check=check)


def _projection_of(service: str) -> "tuple[ServiceSettings, ServiceProjection]":
    from services.etp import app as etp
    from services.etp.settings import EtpSettings
    from services.modulation import app as modulation
    from services.modulation.settings import ModulationSettings

    if service == "etp":
        of_etp = context.settings(EtpSettings)
        return of_etp, etp.projected(of_etp)
    of_modulation = context.settings(ModulationSettings)
    return of_modulation, modulation.projected(of_modulation)


def _bar() -> Progress:
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )
