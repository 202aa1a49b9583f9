"""Every bad input that a door is known to meet, with the code that must answer it."""

import copy
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from shared.contracts.generate import declaration_example
from shared.contracts.registry import DocumentType
from tests.feeds import Feed

FEED_MINI: Final = Path(__file__).parent / "data" / "feed-mini"
STRUCTURES: Final = "fluxIAE_Structure_08112026_063004.csv.gz"
MONTH = declaration_example(DocumentType.MONTHLY_STATE)
ANNEX = declaration_example(DocumentType.FINANCIAL_ANNEX)
EMPLOYMENT = declaration_example(DocumentType.EMPLOYMENT)
EXIT = declaration_example(DocumentType.EXIT)
SUPPORT = declaration_example(DocumentType.SUPPORT_HOURS)


def changed(declaration: dict[str, Any], **data: Any) -> dict[str, Any]:
    """A declaration with other data; None takes a field away."""
    new = copy.deepcopy(declaration)
    new["data"] = {n: v for n, v in {**new["data"], **data}.items() if v is not None}
    return new


def with_line(**line: Any) -> dict[str, Any]:
    """The example month with another first line."""
    new = copy.deepcopy(MONTH)
    first = {**new["data"]["lines"][0], **line}
    new["data"]["lines"][0] = {n: v for n, v in first.items() if v is not None}
    return new


FORMS: Final[list[tuple[object, list[tuple[str, str]]]]] = [
    (None, [("invalid-value", "")]),
    ([MONTH], [("invalid-value", "")]),
    ({}, [("missing-value", "type"), ("missing-value", "data")]),
    ({"type": "monthly-state"}, [("missing-value", "data")]),
    ({**MONTH, "type": "invoice"}, [("unknown-type", "type")]),
    ({**MONTH, "type": 7}, [("unknown-type", "type")]),
    ({**MONTH, "source": "asp"}, [("unknown-field", "source")]),
    ({**MONTH, "DUPONT": 1}, [("unknown-field", "*")]),
    ({**MONTH, "withdrawn": "true"}, [("invalid-value", "withdrawn")]),
    ({**MONTH, "data": None}, [("invalid-value", "data")]),
    ({**MONTH, "data": []}, [("invalid-value", "data")]),
    (changed(MONTH, annex_id="42001"), [("unreadable-number", "data.annex_id")]),
    (changed(MONTH, annex_id=42001.0), [("unreadable-number", "data.annex_id")]),
    (changed(MONTH, annex_id=-1), [("invalid-value", "data.annex_id")]),
    (changed(MONTH, annex_id=10**18), [("invalid-value", "data.annex_id")]),
    (changed(MONTH, annex_id=10**400), [("invalid-value", "data.annex_id")]),
    (changed(MONTH, month=13), [("invalid-value", "data.month")]),
    (changed(MONTH, lines=[]), [("invalid-value", "data.lines")]),
    (changed(MONTH, hash_key_id="x"), [("unknown-field", "data.hash_key_id")]),
    (with_line(hours=113), [("invalid-value", "data.lines.0.hours")]),
    (with_line(hours="1,5"), [("invalid-value", "data.lines.0.hours")]),
    (with_line(hours="-1"), [("invalid-value", "data.lines.0.hours")]),
    (with_line(state="VALIDÉ"), [("invalid-value", "data.lines.0.state")]),
    (with_line(person="a" * 32), [("unknown-field", "data.lines.0.person")]),
    (with_line(line_id=None), [("missing-value", "data.lines.0.line_id")]),
    (changed(ANNEX, starts_on="01/01/2026"), [("unreadable-date", "data.starts_on")]),
    (changed(ANNEX, starts_on=0), [("unreadable-date", "data.starts_on")]),
    (changed(ANNEX, starts_on="2026-02-30"), [("unreadable-date", "data.starts_on")]),
    (changed(ANNEX, state="ACTIVE"), [("invalid-value", "data.state")]),
    (changed(ANNEX, funder="a\x00b"), [("invalid-value", "data.funder")]),
    (changed(ANNEX, rsa_amounts=[]), [("unknown-field", "data.rsa_amounts")]),
    (changed(EMPLOYMENT, ass="non"), [("invalid-value", "data.ass")]),
    (changed(EMPLOYMENT, person="a" * 32), [("unknown-field", "data.person")]),
    (changed(EMPLOYMENT, last_name="DUPONT"), [("unknown-field", "data.last_name")]),
    (changed(SUPPORT, kind="GEIQ"), [("invalid-value", "data.kind")]),
    (changed(SUPPORT, year=10_000), [("invalid-value", "data.year")]),
]
"""Declarations of a wrong form; code and path of all that is wrong."""

RULES: Final[list[tuple[object, tuple[str, str]]]] = [
    (with_line(hours="745"), ("hours-over-744", "data.lines.0.hours")),
    (with_line(hours="75.5"), ("hours-not-whole", "data.lines.0.hours")),
    (with_line(contract_id=None), ("missing-value", "data.lines.0.contract_id")),
    (with_line(line_id=900_132, version=2), ("key-reused", "data.lines.1.line_id")),
    (changed(ANNEX, measure="GEIQ_DC"), ("unknown-measure", "data.measure")),
    (changed(ANNEX, ends_on="2025-12-31"), ("end-before-start", "data.ends_on")),
    (changed(ANNEX, contracted_etp=None), ("missing-value", "data.contracted_etp")),
    (changed(EMPLOYMENT, measure="X"), ("unknown-measure", "data.measure")),
    (changed(EMPLOYMENT, ends_on="2025-08-31"), ("end-before-start", "data.ends_on")),
    (changed(EMPLOYMENT, nir="285437218900458"), ("nir-key", "data.nir")),
    (changed(EMPLOYMENT, nir="1111111111111"), ("unreadable-nir", "data.nir")),
    (changed(EMPLOYMENT, nir="2854"), ("unreadable-nir", "data.nir")),
    (changed(EMPLOYMENT, nir=None, person_id=None), ("missing-value", "data.nir")),
    (changed(EMPLOYMENT, rsa="OUI"), ("invalid-value", "data.rsa")),
    (changed(EXIT, reason="PARTI", category=None), ("unknown-exit-reason", "data.reason")),
    (changed(EXIT, reason="PARTI", category="X"), ("unknown-exit-reason", "data.reason")),
    (changed(EXIT, reason=None, category="X"), ("unknown-exit-reason", "data.category")),
]
"""Declarations that a person can still correct."""


def zipped(*folders: Path, **members: bytes) -> bytes:
    """A ZIP of the files of folders, under paths that must not be followed."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in folders:
            for path in sorted(folder.iterdir()):
                archive.write(path, f"../../{path.name}")
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def bomb() -> bytes:
    """A small ZIP that grows a thousand times."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(STRUCTURES, "w") as member,
    ):
        for _ in range(300):
            member.write(bytes(2**20))
    return made.getvalue()


def many_entries() -> bytes:
    return zipped(**{f"empty-{number}": b"" for number in range(10_001)})


def tar_of_links() -> bytes:
    """A tar whose feed file is a link to a secret."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        link = tarfile.TarInfo(STRUCTURES)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return made.getvalue()


def folder(tmp_path: Path, *files: tuple[str, bytes]) -> Path:
    """A folder of these files."""
    for name, content in files:
        (tmp_path / name).write_bytes(content)
    return tmp_path


def structures(text: str = "") -> bytes:
    """A file of structures; `text` is put in the place of its last line."""
    made = Feed()
    made.structure(1)
    whole = made.text("Structure")
    return (whole if not text else whole[: whole.rindex("FIN")] + text).encode()


def without_column() -> bytes:
    return structures().replace(b"structure_id_siae", b"structure_id_autre")


def twice(tmp_path: Path) -> Path:
    other = STRUCTURES.replace("063004", "063005")
    return folder(tmp_path, (STRUCTURES, structures()), (other, structures()))


def archive(content: Callable[[], bytes]) -> Callable[[Path], Path]:
    def made(tmp_path: Path) -> Path:
        path = tmp_path / "delivery.zip"
        path.write_bytes(content())
        return path

    return made


def one(content: Callable[[], bytes]) -> Callable[[Path], Path]:
    return lambda tmp_path: folder(tmp_path, (STRUCTURES, content()))


DELIVERIES: Final[list[tuple[str, Callable[[Path], Path], str]]] = [
    ("nowhere", lambda tmp_path: tmp_path / "absent", "no-feed-file"),
    ("empty folder", lambda tmp_path: tmp_path, "no-feed-file"),
    ("two files of a view", twice, "duplicate-view"),
    ("no FIN", one(lambda: structures("\n")), "truncated"),
    ("wrong FIN", one(lambda: structures("FIN7||||||\n")), "truncated"),
    ("feed-mini's wrong FIN", lambda _: FEED_MINI / "wrong-fin", "truncated"),
    ("gzip cut", one(lambda: gzip.compress(structures())[:-12]), "truncated"),
    ("no required column", one(without_column), "missing-column"),
    ("no DEB", one(lambda: structures()[3:]), "bad-first-line"),
    ("empty file", one(lambda: b""), "empty-file"),
    ("a ZIP of two files", one(lambda: zipped(a=b"1", b=b"2")), "unreadable-file"),
    ("noise as an archive", archive(lambda: b"neither zip nor tar"), "unreadable-archive"),
    ("an archive cut", archive(lambda: zipped(FEED_MINI / "feed")[:-400]), "unreadable-archive"),
    ("an archive of other files", archive(lambda: zipped(readme=b"x")), "no-feed-file"),
    (
        "an archive in an archive",
        archive(lambda: zipped(**{STRUCTURES: zipped()})),
        "unreadable-file",
    ),
    ("an archive that grows", archive(bomb), "too-large"),
    ("too many files", archive(many_entries), "too-many-entries"),
    ("a link", archive(tar_of_links), "no-feed-file"),
]
"""Deliveries that are refused whole: what they are, how they are made, the code."""
