"""The `cadran` command."""

import typer

from cli import (
    access,
    access_log,
    asyncapi,
    clients,
    context,
    contracts,
    dead_letters,
    demo,
    exports,
    load,
    modulation,
    projections,
    provision,
    rebuild,
    sample_feed,
    serve,
    stack,
)
from shared.telemetry.logging import configure_logging

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Cadran suit la consommation des ETP conventionnés, déclaration par déclaration.",
)


@app.callback()
def configure() -> None:
    """Logs go to stderr: stdout is for what a command prints."""
    configure_logging("cadran", "WARNING")


stack.register(app, provision=provision.provision)
load.register(app)
exports.register(app)
projections.register(app)
dead_letters.register(app)
rebuild.register(app)
access_log.register(app)
provision.register(app)
contracts.register(app)
asyncapi.register(app)
clients.register(app)
access.register(app, secrets_folder=context.secrets_folder, web_apps=serve.described_apps)
modulation.register(app)
sample_feed.register(app)
demo.register(app)
serve.register(app)

if __name__ == "__main__":
    app()
