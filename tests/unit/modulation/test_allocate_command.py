"""`cadran modulation allocate`: what it accepts, what it writes, what it refuses."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app

HEADER = (
    "exercise,region,type,structure_id,months_conventioned,socle_eur_cents,"
    "ind1_num,ind1_den,ind2_num,ind2_den,ind3_num,ind3_den"
)
FIRST = "2027,Bretagne,ACI,12,12,10000000,6,10,0.3,1,1,2"
SECOND = "2027,Bretagne,ACI,2,12,10000000,2,10,1966/19660,1,1/2,1"
FORMER = b"former\n"


def allocate(folder: Path, content: str | bytes, *options: str) -> Result:
    """Run on a file of that content, with a former OUT in place."""
    data = content if isinstance(content, bytes) else content.encode()
    (folder / "in.csv").write_bytes(data)
    (folder / "out.csv").write_bytes(FORMER)
    command = ["modulation", "allocate", str(folder / "in.csv"), str(folder / "out.csv"), *options]
    return CliRunner().invoke(app, command)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(*lines: str) -> str:
    return "\n".join([HEADER, *lines, ""])


def test_the_worked_example_from_file_to_file(tmp_path: Path) -> None:
    done = allocate(tmp_path, table(FIRST, SECOND))
    assert (done.exit_code, done.stdout) == (0, "")
    assert (tmp_path / "out.csv").read_text("utf-8") == (
        "exercise,region,type,structure_id,treatment,months_conventioned,socle_eur_cents,"
        "index1,index2,index3,score,amount_eur_cents,rate_pct,capped,flags,"
        "method,value1,value2,value3\n"
        "2027,Bretagne,ACI,2,COMPARED,12,10000000,0.500000000,0.500000000,1.000000000,0.625000000,"
        "312500,3.125000,false,,ratio-v1,1/5,1/10,1/2\n"
        "2027,Bretagne,ACI,12,COMPARED,12,10000000,1.500000000,1.500000000,1.000000000,1.375000000,"
        "687500,6.875000,false,,ratio-v1,3/5,3/10,1/2\n"
    )


def test_every_answer_names_its_method_and_says_what_is_not_published(tmp_path: Path) -> None:
    done = allocate(tmp_path, table(FIRST), "--method", "rank-v1", "--json")
    said = "la fonction officielle des trois indicateurs au taux n'est pas publiée"
    assert f"Méthode rank-v1 de Cadran : {said}." in done.stderr
    printed = json.loads(done.stdout)
    assert (printed["method"], printed["notice"]) == ("rank-v1", said)
    assert printed["rows"][0]["method"] == "rank-v1"
    assert printed["rows"][0]["score"] == "0.500000000"
    assert printed["groups"][0]["envelope_eur_cents"] == 500_000


def test_sorted_by_exercise_region_type_and_id_as_a_number(tmp_path: Path) -> None:
    lines = [
        f"{exercise},{region},{type_},{structure},12,1000,1,1,1,1,1,1"
        for exercise in (2027, 2018)
        for region in ("Corse", "Bretagne")
        for type_ in ("EI", "ACI_MP", "ACI")
        for structure in (100, 20, 3)
    ]
    done = allocate(tmp_path, table(*lines))
    assert done.exit_code == 0
    assert "structures dans plusieurs régions : 3, 20, 100" in done.stderr
    found = [
        (row["exercise"], row["region"], row["type"], int(row["structure_id"]))
        for row in rows(tmp_path / "out.csv")
    ]
    assert found == sorted(found)
    assert len(found) == len(lines)


def test_values_of_treatments_and_flags_as_texts(tmp_path: Path) -> None:
    done = allocate(
        tmp_path,
        table(
            "2018,Bretagne,ACI,1,12,3000,9,4,,1,0,0",
            "2018,Bretagne,ACI,2,7,2990,0,0,0,0,,",
            "2018,Bretagne,ACI,3,0,0,0,0,,0,0,0",
            "2018,Bretagne,ACI_MP,4,12,3110,1,1,1,1,1,1",
        ),
    )
    assert done.exit_code == 0
    found = [
        (row["treatment"], row["score"], row["amount_eur_cents"], row["rate_pct"], row["flags"])
        for row in rows(tmp_path / "out.csv")
    ]
    assert found == [
        ("COMPARED", "1.000000000", "150", "5.000000", "ind1_over_100 ind2_not_declared no_exit"),
        ("AUTO", "", "150", "5.016722", "no_activity ind2_zero_denominator ind3_not_declared"),
        ("NONE", "", "0", "", "no_activity ind2_not_declared ind3_zero_denominator"),
        ("FLAT", "", "156", "5.016077", ""),
    ]


def test_columns_go_by_name_and_unknown_ones_are_told(tmp_path: Path) -> None:
    names = [*reversed(HEADER.split(",")), "remarque"]
    given = dict(zip(HEADER.split(","), FIRST.split(","), strict=True)) | {"remarque": "x"}
    done = allocate(tmp_path, ",".join(names) + "\n" + ",".join(given[n] for n in names) + "\n")
    assert done.exit_code == 0
    assert "colonnes ignorées : remarque" in done.stderr
    assert rows(tmp_path / "out.csv")[0]["amount_eur_cents"] == "500000"


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + table(FIRST, SECOND).encode(),
        table(FIRST, SECOND).replace("\n", "\r\n").encode(),
        table(FIRST, "", SECOND).rstrip("\n").encode(),
        table(FIRST, SECOND).replace("Bretagne", '"Bretagne"').encode(),
    ],
    ids=["byte order mark", "CRLF", "blank line, no last newline", "quoted"],
)
def test_the_same_table_written_otherwise(tmp_path: Path, content: bytes) -> None:
    assert allocate(tmp_path, content).exit_code == 0
    found = [row["amount_eur_cents"] for row in rows(tmp_path / "out.csv")]
    assert found == ["312500", "687500"]


def test_huge_numbers_are_exact(tmp_path: Path) -> None:
    nines = "9" * 18
    long = f"{'1' * 150}/{'3' * 150}"
    done = allocate(tmp_path, table(f"2027,Bretagne,ACI,{nines},12,{nines},{long},1,1,1,1,1"))
    assert done.exit_code == 0
    row = rows(tmp_path / "out.csv")[0]
    assert row["amount_eur_cents"] == "5" + "0" * 16
    assert row["value1"] == "1/3"


def test_an_empty_table_is_an_empty_allocation(tmp_path: Path) -> None:
    assert allocate(tmp_path, table()).exit_code == 0
    assert rows(tmp_path / "out.csv") == []


def test_a_region_outside_the_reference_is_told(tmp_path: Path) -> None:
    done = allocate(tmp_path, table(FIRST.replace("Bretagne", "Bretagnes")))
    assert done.exit_code == 0
    assert "régions hors du référentiel : Bretagnes" in done.stderr


def test_a_row_without_region_is_kept_and_gets_nothing(tmp_path: Path) -> None:
    assert allocate(tmp_path, table(SECOND, FIRST.replace("Bretagne", ""))).exit_code == 0
    unplaced, placed = rows(tmp_path / "out.csv")
    assert (unplaced["region"], unplaced["treatment"], unplaced["amount_eur_cents"]) == (
        "",
        "NONE",
        "0",
    )
    assert placed["treatment"] == "COMPARED"


def with_cell(column: str, text: str) -> str:
    cells = dict(zip(HEADER.split(","), FIRST.split(","), strict=True)) | {column: text}
    return table(SECOND, ",".join(cells.values()))


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("exercise", "2017", "aucune règle avant l'exercice 2018"),
        ("exercise", "", "nombre entier illisible : vide"),
        ("type", "EITI", "type sans modulation (types : ACI, AI, EI, ETTI, ACI_MP, EI_MP)"),
        ("structure_id", "A1", "identifiant illisible : « A1 »"),
        ("structure_id", "012", "identifiant illisible : « 012 »"),
        ("structure_id", "2", "structure déjà ligne 2 du même groupe"),
        ("months_conventioned", "13", "un nombre de mois va de 0 à 12"),
        ("months_conventioned", "6.5", "nombre entier illisible : « 6.5 »"),
        ("socle_eur_cents", "-20", "montant négatif"),
        ("socle_eur_cents", "19", "socle positif de moins de 20 centimes"),
        ("socle_eur_cents", "1" * 19, f"nombre entier illisible : « {'1' * 19} »"),
        ("ind1_num", "abc", "nombre illisible : « abc »"),
        ("ind1_num", "-1", "nombre négatif"),
        ("ind1_den", "1e3", "nombre illisible : « 1e3 »"),
        ("ind1_den", "NaN", "nombre illisible : « NaN »"),
        ("ind2_num", "0,5", None),
        ("ind2_num", "1/0", "fraction de dénominateur nul : « 1/0 »"),
        ("ind2_den", "1/2/3", "nombre illisible : « 1/2/3 »"),
        ("ind3_num", "٣", "nombre illisible : « ٣ »"),
        ("ind3_den", "9" * 401, "nombre de plus de 400 caractères"),
    ],
)
def test_a_bad_cell_is_refused_with_its_line_and_column(
    tmp_path: Path, column: str, text: str, reason: str | None
) -> None:
    done = allocate(tmp_path, with_cell(column, text), "--groups", str(tmp_path / "groups.csv"))
    where = f"{tmp_path / 'in.csv'}, ligne 3"
    told = f"{where}, colonne {column} : {reason}" if reason else f"{where} : 13 cellules"
    assert told in done.stderr
    assert_refused(tmp_path, done)


def test_lines_are_those_of_the_text(tmp_path: Path) -> None:
    """A remark over two lines, a blank line, then the fault."""
    lines = [HEADER + ",remarque", SECOND + ',"a\nb"', "", FIRST.replace("6,10", "x,10") + ","]
    done = allocate(tmp_path, "\n".join(lines))
    assert f"{tmp_path / 'in.csv'}, ligne 5, colonne ind1_num" in done.stderr
    assert_refused(tmp_path, done)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "ligne 1, colonne exercise : colonne absente"),
        (table(FIRST).replace(",ind2_den", ",ind2den"), "colonne ind2_den : colonne absente"),
        (HEADER + ",type\n" + FIRST + ",ACI\n", "ligne 1, colonne type : colonne en double"),
        (table(FIRST[: FIRST.rindex(",")]), "ligne 2 : 11 cellules au lieu de 12"),
        (table(FIRST).replace(",", ";"), "colonne exercise : colonne absente"),
        (table(FIRST).encode("utf-16"), "le fichier n'est pas en UTF-8"),
        (table('"2027,Bretagne'), "le fichier n'est pas un CSV"),
    ],
    ids=["empty", "column", "twice", "short", "semicolons", "utf-16", "quote"],
)
def test_a_file_that_is_no_such_table_is_refused(
    tmp_path: Path, content: str | bytes, told: str
) -> None:
    done = allocate(tmp_path, content)
    assert told in done.stderr
    assert_refused(tmp_path, done)


def assert_refused(folder: Path, done: Result) -> None:
    """Exit 2, nothing on stdout, OUT as it was, no other file."""
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Rien n'est écrit." in done.stderr
    assert (folder / "out.csv").read_bytes() == FORMER
    assert sorted(path.name for path in folder.iterdir()) == ["in.csv", "out.csv"]


def test_every_fault_is_told_up_to_twenty(tmp_path: Path) -> None:
    done = allocate(tmp_path, table(*(FIRST.replace("6,10", "x,y") for _ in range(15))))
    assert done.stderr.count("nombre illisible") == 20
    assert "… et 10 autres" in done.stderr


def test_what_cannot_be_asked_is_refused(tmp_path: Path) -> None:
    done = allocate(tmp_path, table(FIRST), "--method", "ratio-v9")
    assert (done.exit_code, (tmp_path / "out.csv").read_bytes()) == (2, FORMER)
    assert "méthode inconnue : ratio-v9 (méthodes : ratio-v1, rank-v1, minmax-v1)" in done.stderr
    done = allocate(tmp_path, table(FIRST), "--groups", str(tmp_path / "out.csv"))
    assert (done.exit_code, (tmp_path / "out.csv").read_bytes()) == (2, FORMER)
    done = allocate(tmp_path, table(FIRST), "--groups", str(tmp_path / "none" / "groups.csv"))
    assert (done.exit_code, (tmp_path / "out.csv").read_bytes()) == (2, FORMER)
    command = ["modulation", "allocate", str(tmp_path / "absent.csv"), str(tmp_path / "new.csv")]
    done = CliRunner().invoke(app, command)
    assert (done.exit_code, (tmp_path / "new.csv").exists()) == (2, False)
    assert "le fichier ne peut être lu" in done.stderr
