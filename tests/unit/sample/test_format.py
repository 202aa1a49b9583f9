"""The frame and the columns of the files, against feed-headers.txt."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.testing.sample.layouts import HEADERS_FILE, VIEWS, layouts
from tests.unit.sample.reading import View

READ_VIEWS = VIEWS[:8]
UNKNOWN = {"AnnexeFinanciere": {"af_zone_reservee"}, "EtatMensuelIndiv": {"emi_commentaire"}}


def _delivered_header(name: str) -> list[str]:
    for line in HEADERS_FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{name}: "):
            return line.removeprefix(f"{name}: ").split("|")
    raise AssertionError(name)


@pytest.mark.parametrize("name", VIEWS)
def test_a_file_begins_with_deb_and_ends_with_the_number_of_its_rows(
    view: Callable[[str], View], name: str
) -> None:
    found = view(name)
    padding = "|" * (len(found.columns) - 1)
    assert found.first == f"DEB{name}08112026_063004{padding}"
    assert found.last == f"FIN{len(found.rows)}{padding}"
    assert found.rows


@pytest.mark.parametrize("name", READ_VIEWS)
def test_a_header_has_all_delivered_columns(view: Callable[[str], View], name: str) -> None:
    columns = view(name).columns
    assert len(set(columns)) == len(columns)
    assert set(columns) == set(_delivered_header(name)) | UNKNOWN.get(name, set())


def test_some_views_have_moved_columns(view: Callable[[str], View]) -> None:
    moved = {name for name in READ_VIEWS if view(name).columns != _delivered_header(name)}
    assert moved >= {"AnnexeFinanciere", "ContratMission", "Structure"}


def test_gzip_headers_bear_neither_time_nor_name(mid_sized: Path) -> None:
    for path in mid_sized.iterdir():
        head = path.read_bytes()[:8]
        assert head == b"\x1f\x8b\x08\x00\x00\x00\x00\x00", path.name


def test_a_template_refuses_columns_out_of_the_header_s_order() -> None:
    layout = layouts()["Salarie"]
    assert layout.template("salarie_id", "salarie_prenom").split("|")[-1] == "%s"
    with pytest.raises(ValueError, match="autre ordre"):
        layout.template("salarie_prenom", "salarie_id")
    with pytest.raises(KeyError, match="salarie_taille"):
        layout.line({"salarie_taille": "1"})
