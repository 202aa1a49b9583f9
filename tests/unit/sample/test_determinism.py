"""The same arguments give the same bytes; what differs between two samples is what was asked."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from shared.testing.sample.feed import structure_lines, write_feed
from shared.testing.sample.layouts import VIEWS, layouts
from shared.testing.sample.request import SampleRequest, sample_request

SCRIPT = """
import sys
from pathlib import Path
from shared.testing.sample.feed import write_feed
from shared.testing.sample.request import sample_request
write_feed(sample_request(12, 1, 5), Path(sys.argv[1]))
"""
ROOT = Path(__file__).parents[3]


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def _lines(request: SampleRequest, number: int) -> dict[str, list[str]]:
    return structure_lines(request, number, layouts())


def test_bytes_do_not_depend_on_the_process_nor_its_hash_seed(tmp_path: Path) -> None:
    found = []
    for hash_seed in ("0", "4242"):
        out = tmp_path / hash_seed
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(out)], cwd=ROOT, env=environment, check=True
        )
        found.append(_digests(out))
    here = tmp_path / "here"
    write_feed(sample_request(12, 1, 5), here)
    assert found[0] == found[1] == _digests(here)
    assert len(found[0]) == len(VIEWS)


def test_another_seed_gives_other_structures(tmp_path: Path) -> None:
    write_feed(sample_request(3, 1, 5), tmp_path / "a")
    write_feed(sample_request(3, 1, 6), tmp_path / "b")
    first, second = _digests(tmp_path / "a"), _digests(tmp_path / "b")
    same = {name.split("_")[1] for name in first if first[name] == second[name]}
    assert same == {
        *("RefMontantIae", "RefMotifSort", "RefCategorieSort", "Financement", "Encadrement")
    }


def test_a_structure_is_the_same_whatever_their_number() -> None:
    for number in (1, 8, 30):
        assert _lines(sample_request(30, 2, 5), number) == _lines(sample_request(900, 2, 5), number)


def test_the_stamp_changes_the_frame_only() -> None:
    first = sample_request(9, 1, 5, last_month="2026-08")
    later = sample_request(9, 1, 5, last_month="2026-08", stamp="22112026_063004")
    assert all(_lines(first, number) == _lines(later, number) for number in range(1, 10))


def test_a_corrected_delivery_has_other_hours_in_its_share_of_months() -> None:
    known = layouts()["EtatMensuelIndiv"]
    months, touched = set(), set()
    for number in range(1, 61):
        before = _lines(sample_request(60, 1, 5), number)
        after = _lines(sample_request(60, 1, 5, changed_percent=10), number)
        lines = "EtatMensuelIndiv"
        assert {**before, lines: []} == {**after, lines: []}
        for old_line, new_line in zip(before[lines], after[lines], strict=True):
            old, new = known.row(old_line), known.row(new_line)
            month = (old["emi_afi_id"], old["emi_sme_annee"], old["emi_sme_mois"])
            months.add(month)
            if old != new:
                touched.add(month)
                differ = {column for column in old if old[column] != new[column]}
                assert differ == {"emi_nb_heures_travail", "emi_part_etp"}
    assert 0.05 < len(touched) / len(months) < 0.16
