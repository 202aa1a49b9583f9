"""`cadran modulation`: the modulated part of the aide au poste."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Final

import typer

from cli import context, modulation_figures
from cli.refusals import refuse_table, refuse_unwritable
from services.modulation.domain.allocation.groups import GroupAllocation, allocate
from services.modulation.domain.allocation.methods import DEFAULT_METHOD, NOTICE, Method
from services.modulation.exports.allocation import AwardRow, GroupRow, award_rows, group_row
from services.modulation.readers.candidates import Candidates, read_candidates
from services.modulation.readers.tables import UnreadableTableError
from shared.web.exports import csv_file, item

METHODS: Final = ", ".join(Method)


def register(app: typer.Typer) -> None:
    """Add the group `modulation` to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Part modulée de l'aide au poste.")
    group.command("allocate")(allocate_file)
    modulation_figures.register(group)
    app.add_typer(group, name="modulation")


def allocate_file(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Indicateurs et socles, CSV")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Fichier CSV à écrire")],
    *,
    method: Annotated[str, typer.Option(help=f"Méthode : {METHODS}")] = DEFAULT_METHOD,
    groups: Annotated[
        Path | None, typer.Option(help="CSV des valeurs de chaque groupe : moyennes, E, R, λ")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Affiche aussi un objet JSON")] = False,
) -> None:
    """Répartit l'enveloppe de chaque groupe, sans pile ; 2 si l'entrée est refusée."""
    if method not in list(Method):
        context.fail(f"méthode inconnue : {method} (méthodes : {METHODS})", context.REFUSED)
    written = [path for path in (out, groups) if path is not None]
    for path in written:
        refuse_unwritable(path)
    if groups is not None and out.resolve() == groups.resolve():
        context.fail(f"{out} : un seul fichier pour deux tables", context.REFUSED)
    candidates = _candidates(source)
    allocations = allocate(candidates.rows, Method(method))
    try:
        _write(allocations, out, groups)
    except OSError as error:
        context.fail(f"{out} : écriture impossible ({type(error).__name__})", context.FAULT)
    if as_json:
        context.print_object(
            {
                "method": method,
                "notice": NOTICE,
                "groups": [item(group_row(group.figures)) for group in allocations],
                "rows": [item(row) for group in allocations for row in award_rows(group)],
            }
        )
    context.say(f"{len(candidates.rows)} lignes, {len(allocations)} groupes : {out}")
    context.say(f"Méthode {method} de Cadran : {NOTICE}.")


def _candidates(source: Path) -> Candidates:
    try:
        candidates = read_candidates(source)
    except UnreadableTableError as unreadable:
        refuse_table(source, unreadable)
    if candidates.ignored_columns:
        context.say(f"colonnes ignorées : {', '.join(candidates.ignored_columns)}")
    if candidates.unknown_regions:
        context.say(f"régions hors du référentiel : {', '.join(candidates.unknown_regions)}")
    if candidates.in_several_regions:
        repeated = ", ".join(map(str, candidates.in_several_regions))
        context.say(f"structures dans plusieurs régions : {repeated}")
    return candidates


def _write(allocations: Sequence[GroupAllocation], out: Path, groups: Path | None) -> None:
    """Both files whole, or neither."""
    with ExitStack() as files:
        awards = files.enter_context(csv_file(out, AwardRow))
        for allocation in allocations:
            awards.write(list(award_rows(allocation)))
        if groups is not None:
            figures = files.enter_context(csv_file(groups, GroupRow))
            figures.write([group_row(allocation.figures) for allocation in allocations])
