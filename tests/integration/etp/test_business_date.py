"""The business date under `as_of`: a month is late as it was late then."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from services.etp.app import build_web
from services.etp.settings import EtpSettings
from tests.api_client import Api
from tests.homes import PROJECT, TestHome, read_csv
from tests.integration.etp.test_in_force import annex
from tests.projected import Projected

INSTANTS = [("2026-03-31T21:59:59Z", False), ("2026-03-31T22:00:00Z", True)]
"""Around midnight in Paris, from which January is late."""


@pytest.fixture(scope="module")
async def declared(projected: Projected) -> Projected:
    """An annex of 2026, nothing declared."""
    await projected.declare([annex(1)])
    return projected


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize(("instant", "late"), INSTANTS)
async def test_the_api_judges_by_the_day_of_the_instant(
    home: TestHome, instant: str, late: bool
) -> None:
    app = build_web(home.home.settings(EtpSettings).model_copy(update={"today": None}))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://etp") as client,
    ):
        api = Api(client, home)
        for path in ("/v1/annexes/1", "/v1/annexes/1/explanation"):
            months = (await api.get(path, as_of=instant)).json()["months"]
            assert months[0]["late"] is late
        (january, *_) = await api.items("/v1/annexes/1/months", as_of=instant)
        assert january["late"] is late


@pytest.mark.usefixtures("declared")
@pytest.mark.parametrize(("instant", "late"), INSTANTS)
def test_the_command_judges_by_the_day_of_the_instant(
    home: TestHome, tmp_path: Path, instant: str, late: bool
) -> None:
    out = tmp_path / "months.csv"
    environment = home.environment()
    del environment["CADRAN_TODAY"]
    command = ["cli.main", "export", "annex-months", str(out), "--as-of", instant]
    subprocess.run([sys.executable, "-m", *command], env=environment, cwd=PROJECT, check=True)
    assert read_csv(out)[0]["late"] == str(late).lower()
