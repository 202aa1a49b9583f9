"""`cadran contracts`: what events and declarations look like, and what must not change in them."""

import json
from pathlib import Path
from typing import Annotated

import typer

from cli import context
from shared.contracts.compatibility import narrowings, widenings
from shared.contracts.generate import (
    FOLDER,
    SCHEMAS,
    declaration_example,
    schema,
    stale_files,
    write_files,
)
from shared.contracts.registry import REGISTRY, DocumentType

RELEASED = Path("tests/contract/released")


def register(app: typer.Typer) -> None:
    """Add the group `contracts` to `app`."""
    group = typer.Typer(no_args_is_help=True, help="Contrats des événements et des déclarations.")
    group.command("list", help="Liste les événements : type, sujet Kafka, document.")(list_events)
    group.command("example", help="Affiche une déclaration d'exemple, acceptée telle quelle.")(
        example
    )
    group.command("verify", help="Vérifie les fichiers générés et la compatibilité.")(verify)
    group.command("generate", help="Écrit les schémas et les exemples des événements.")(generate)
    app.add_typer(group, name="contracts")


def example(
    document_type: Annotated[
        str, typer.Argument(metavar="TYPE", help=f"Document : {', '.join(DocumentType)}")
    ],
) -> None:
    """Print a declaration; exit 2 when its type is unknown."""
    if document_type not in list(DocumentType):
        known = ", ".join(DocumentType)
        context.fail(
            f"Type de document inconnu : {document_type}. Types possibles : {known}.",
            context.REFUSED,
        )
    declaration = declaration_example(DocumentType(document_type))
    typer.echo(json.dumps(declaration, ensure_ascii=False, indent=2))


def list_events(
    *, as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False
) -> None:
    """Print every event type of the registry."""
    rows = [
        {"type": event.name, "topic": event.topic, "document": event.document_type.value}
        for event in REGISTRY.values()
    ]
    if as_json:
        typer.echo(json.dumps({"rows": rows}, ensure_ascii=False))
        return
    for row in rows:
        typer.echo(f"{row['type']:44}{row['topic']:20}{row['document']}")


def verify(
    *,
    released: Annotated[
        Path, typer.Option(help="Dossier des versions publiées, une par sous-dossier")
    ] = RELEASED,
    folder: Annotated[Path, typer.Option(help="Dossier des fichiers générés")] = FOLDER,
) -> None:
    """Exit 1 with the differences when a file is not up to date or a contract was narrowed."""
    if not any(released.glob(f"*/{SCHEMAS}/*.json")):
        context.fail(f"Aucune version publiée dans {released}.", context.MISSING)
    faults = [
        f"{path} n'est pas à jour : lancez « cadran contracts generate »."
        for path in stale_files(folder)
    ]
    faults += incompatibilities(released)
    if faults:
        context.fail("\n".join(faults), context.FAULT)
    typer.echo("Contrats à jour et compatibles avec les versions publiées.", err=True)


def generate(*, folder: Annotated[Path, typer.Option(help="Dossier à écrire")] = FOLDER) -> None:
    """Write what differs; name each file."""
    for path in write_files(folder):
        typer.echo(path)


def incompatibilities(released: Path) -> list[str]:
    """What today's contracts break of each version under `released`, in French."""
    faults = []
    for path in sorted(released.glob(f"*/{SCHEMAS}/*.json")):
        version, name = path.parts[-3], path.stem
        if name not in REGISTRY:
            faults.append(f"{version} {name} : événement supprimé")
            continue
        before = json.loads(path.read_text("utf-8"))
        now = schema(REGISTRY[name])
        broken = [(told, "refusé aujourd'hui") for told in narrowings(before, now)]
        broken += [(told, "refusé par la version publiée") for told in widenings(before, now)]
        faults += [f"{version} {name}, {told} ({whose})" for told, whose in broken]
    return faults
