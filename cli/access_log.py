"""`cadran access-log`: who read nominative data, or was refused it."""

from typing import Annotated, Any, Final

import typer

from cli import context
from cli.dead_letters import SERVICES
from shared.database.access_log import list_accesses

COLUMNS: Final = ("service", "at", "reader", "action", "resource", "allowed")


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command("access-log")
    def access_log(
        as_json: Annotated[bool, typer.Option("--json", help="Un objet JSON")] = False,
    ) -> None:
        """Liste les accès aux données nominatives, et les refus."""
        context.print_rows(context.run(_accesses()), COLUMNS, as_json=as_json)


async def _accesses() -> list[dict[str, Any]]:
    rows = []
    for service, (kind, build_database) in SERVICES.items():
        database = build_database(context.settings(kind), "access-log")
        async with database.connection() as connection:
            rows += [{"service": service, **row} for row in await list_accesses(connection)]
    return rows
