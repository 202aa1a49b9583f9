"""`cadran load` and `cadran rejects`: the door for the ASP's files.

What is heavy to import is imported by the command that needs it, here as in the other groups.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from cli import context
from cli.projections import wait_for_projections
from cli.refusals import refuse_unwritable
from services.ingest.database import build_database
from services.ingest.receipts import Reject, all_rejects, read_receipt
from services.ingest.requests import LoadRefused, LoadRequest
from services.ingest.requests import Progress as LoadProgress
from services.ingest.settings import IngestSettings
from shared.web.exports import csv_file


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""

    @app.command()
    def load(
        paths: Annotated[list[Path], typer.Argument(help="Dossier, archive ou fichiers du flux")],
        source: Annotated[str, typer.Option(help="Source des déclarations")] = "asp",
        wait: Annotated[
            bool, typer.Option("--wait", help="Attend que toutes les projections aient tout vu")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="Le reçu en JSON")] = False,
        allow_truncated: Annotated[
            bool, typer.Option("--allow-truncated", help="Accepte un fichier sans FIN exact")
        ] = False,
        allow_older: Annotated[
            bool, typer.Option("--allow-older", help="Accepte une livraison plus ancienne")
        ] = False,
        accept_withdrawals: Annotated[
            bool, typer.Option("--accept-withdrawals", help="Accepte plus de 5 % de retraits")
        ] = False,
    ) -> None:
        """Charge une livraison du flux IAE ; 2 si elle est refusée et que rien n'a changé."""
        request = LoadRequest(paths, source, allow_truncated, allow_older, accept_withdrawals)
        try:
            receipt = context.run(_load(request, wait=wait))
        except LoadRefused as refused:
            if as_json:
                context.print_object(_refusal(refused))
            context.fail(f"Livraison refusée, rien n'a changé. {refused.reason}", context.REFUSED)
        if as_json:
            context.print_object(receipt)
        else:
            _print_receipt(receipt)

    @app.command()
    def rejects(
        submission: Annotated[str, typer.Argument(help="Identifiant donné par le reçu")],
        out: Annotated[Path, typer.Argument(help="Fichier CSV à écrire")],
    ) -> None:
        """Écrit les lignes rejetées d'une soumission, avec la raison de chacune."""
        refuse_unwritable(out)
        rows = context.run(_rejects(submission))
        if rows is None:
            context.fail(f"soumission inconnue : {submission}", context.REFUSED)
        with csv_file(out, Reject) as table:
            table.write(rows)
        context.say(f"{len(rows)} lignes rejetées : {out}")


async def _load(request: LoadRequest, *, wait: bool) -> dict[str, Any]:
    from services.ingest.load import load_feed

    settings = context.settings(IngestSettings)
    database = build_database(settings, "load")
    with _Bars() as bars:
        receipt = await load_feed(settings, database, request, bars)
        if wait:
            bars.waiting("les projections rattrapent le journal")
            await wait_for_projections(settings, database)
    return receipt


async def _rejects(submission: str) -> list[Reject] | None:
    database = build_database(context.settings(IngestSettings), "rejects")
    async with database.connection() as connection:
        receipt = await read_receipt(connection, submission)
        if receipt is None:
            return None
        return [row async for rows in all_rejects(connection, receipt.load) for row in rows]


class _Bars(LoadProgress):
    """Two bars on a terminal's stderr; elsewhere only what makes a load wait is said."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._shown = console.is_terminal
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            console=console,
            disable=not self._shown,
        )
        self._reading = self._bars.add_task("Lecture du flux", total=None)
        self._publishing = self._bars.add_task("Publication", total=None, visible=False)

    def __enter__(self) -> "_Bars":
        self._bars.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._bars.stop()

    def reading(self, done: int, total: int) -> None:
        self._bars.update(self._reading, completed=done, total=total)

    def publishing(self, done: int, total: int) -> None:
        self._bars.update(self._publishing, completed=done, total=total, visible=True)

    def waiting(self, reason: str) -> None:
        if self._shown:
            self._bars.update(self._publishing, description=f"Attente : {reason}", visible=True)
        else:
            context.say(f"Attente : {reason}")


def _refusal(refused: LoadRefused) -> dict[str, Any]:
    return {
        "submission": None,
        "state": "refused",
        "views": {},
        "documents": {},
        "warnings": {},
        "published": 0,
        "seconds": 0,
        "code": refused.code,
        "reason": refused.reason,
    }


def _print_receipt(receipt: Mapping[str, Any]) -> None:
    context.say(f"Soumission {receipt['submission']} : {receipt['published']} événements publiés.")
    views = [{"vue": name, **counts} for name, counts in receipt["views"].items()]
    context.print_rows(views, ("vue", "rows", "accepted", "rejected", "ignored"), as_json=False)
    documents = [{"document": name, **counts} for name, counts in receipt["documents"].items()]
    columns = ("document", "new", "changed", "unchanged", "withdrawn")
    context.print_rows(documents, columns, as_json=False)
    warnings = [{"avertissement": code, "n": n} for code, n in receipt["warnings"].items()]
    context.print_rows(warnings, ("avertissement", "n"), as_json=False)
