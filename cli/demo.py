"""`cadran demo-banner`: what `make demo` ends with."""

from datetime import UTC, datetime
from typing import Final

import typer

from cli import context
from deploy.local.home import Home
from shared.auth.keys import load_signing_key
from shared.auth.roles import Principal, Role
from shared.auth.tokens import sign
from shared.settings import ServiceSettings

_ROLES: Final = (
    Principal(Role.DGEFP),
    Principal(Role.DREETS, region="Île-de-France"),
    Principal(Role.DDETS, department="93"),
    Principal(Role.CD, department="93"),
    Principal(Role.SIAE, structures=frozenset({1001})),
)


def register(app: typer.Typer) -> None:
    """Add the command to `app`."""

    @app.command("demo-banner", hidden=True)
    def demo_banner() -> None:
        """L'adresse de la démonstration, et un jeton par rôle."""
        home = Home.at()
        url = home.read()["url"]
        key = load_signing_key(context.settings(ServiceSettings).secrets)
        now = datetime.now(UTC)
        typer.echo(f"\nCadran répond : {url}\n")
        for principal in _ROLES:
            typer.echo(f"cadran token {_options(principal)}\n  {sign(principal, key, now)}\n")
        typer.echo("Essayez (le jeton vaut une heure) :")
        typer.echo(
            f'  curl -H "Authorization: Bearer $(.venv/bin/cadran token --role dgefp)" \\\n'
            f'       "{url}/etp/v1/annexes?size=2"'
        )
        typer.echo("Arrêter : make stop. Tout effacer : make clean-demo.")


def _options(principal: Principal) -> str:
    options = [f"--role {principal.role}"]
    if principal.department:
        options.append(f"--department {principal.department}")
    if principal.region:
        options.append(f'--region "{principal.region}"')
    options += [f"--structure {structure}" for structure in sorted(principal.structures)]
    return " ".join(options)
