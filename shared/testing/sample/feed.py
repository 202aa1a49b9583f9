"""A whole delivery, written structure by structure: memory does not grow with their number."""

from collections.abc import Callable
from pathlib import Path

from shared.testing.sample.annex_rows import annex_rows
from shared.testing.sample.annexes import site_annexes
from shared.testing.sample.layouts import Layout, layouts
from shared.testing.sample.lines import site_lines
from shared.testing.sample.people import Registry
from shared.testing.sample.planted import with_difficulties
from shared.testing.sample.referentials import referential_rows
from shared.testing.sample.request import SampleRequest, SampleRequestError
from shared.testing.sample.structures import draw_structure, structure_row
from shared.testing.sample.writer import delivery


def write_feed(
    request: SampleRequest, folder: Path, advanced: Callable[[int], None] | None = None
) -> dict[str, int]:
    """Write the delivery into `folder`, made if need be; the number of rows of each view.

    `advanced` is told each structure's number once it is written. `SampleRequestError` when
    `folder` is something else than an empty folder or cannot be made, before anything is written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SampleRequestError(f"{folder} existe et n'est pas un dossier vide.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise SampleRequestError(f"{folder} ne peut pas être créé ({fault.strerror}).") from fault
    known = layouts()
    with delivery(folder, known.values(), request.stamp) as writers:
        for view, rows in referential_rows(request).items():
            writers[view].write([known[view].line(row) for row in rows])
        for number in range(1, request.structures + 1):
            for view, lines in structure_lines(request, number, known).items():
                writers[view].write(lines)
            if advanced is not None:
                advanced(number)
    return {view: writer.rows for view, writer in writers.items()}


def structure_lines(
    request: SampleRequest, number: int, known: dict[str, Layout]
) -> dict[str, list[str]]:
    """Everything about structure `number`, by view: the same whatever the number of structures."""
    structure = draw_structure(request.seed, number)
    registry = Registry(structure, known)
    annex_layout = known["AnnexeFinanciere"]
    annexes: list[str] = []
    monthly: list[str] = []
    for site in structure.sites:
        granted, refused = site_annexes(structure, site, request)
        for annex in granted + refused:
            annexes += map(annex_layout.line, annex_rows(structure, annex, request))
        monthly += site_lines(
            structure,
            site,
            annexes=granted,
            request=request,
            registry=registry,
            layout=known["EtatMensuelIndiv"],
        )
    by_view = {
        "Structure": [known["Structure"].line(structure_row(structure, request))],
        "AnnexeFinanciere": annexes,
        "EtatMensuelIndiv": monthly,
        "ContratMission": registry.contracts,
        "Salarie": registry.persons,
    }
    return {
        view: with_difficulties(lines, known[view], structure, request.seed)
        for view, lines in by_view.items()
    }
