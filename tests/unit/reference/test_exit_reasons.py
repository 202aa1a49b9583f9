"""The class of a declared reason, from the official table."""

import pytest

from shared.reference.exit_reasons import (
    EMPLOYER_ENDED,
    read_reason,
    reason_classes,
)


def test_the_table_says_what_is_in_both_numbers() -> None:
    classes = reason_classes()
    assert len(classes) == 20
    by_category = {(row.category, row.success, row.counted) for row in classes.values()}
    assert by_category == {
        ("Emploi durable", True, True),
        ("Emploi de transition", True, True),
        ("Sortie positive", True, True),
        ("Autre sortie", False, True),
        ("Retrait des sorties constatées", False, False),
        ("(sans motif)", False, True),
    }
    employment = {row.category for row in classes.values() if row.employment}
    assert employment == {"Emploi durable", "Emploi de transition"}


@pytest.mark.parametrize(
    ("reason", "category", "label", "found", "known"),
    [
        ("DECES", None, "DECES", "Retrait des sorties constatées", True),
        ("décès", None, "DECES", "Retrait des sorties constatées", True),
        (" Sans  nouvelle ", "Emploi durable", "SANS NOUVELLE", "Autre sortie", True),
        ("Rupture à l'initiative de l'employeur", None, EMPLOYER_ENDED, "Autre sortie", True),
        ("PARTI", "sorties POSITIVES", None, "Sortie positive", False),
        (None, "Emploi durable", None, "Emploi durable", True),
        ("PARTI", "AILLEURS", "SANS MOTIF", "(sans motif)", False),
        ("PARTI", None, "SANS MOTIF", "(sans motif)", False),
        (None, None, "SANS MOTIF", "(sans motif)", True),
        ("", "", "SANS MOTIF", "(sans motif)", True),
    ],
)
def test_by_label_else_by_category_else_without_reason(
    reason: str | None, category: str | None, label: str | None, found: str, known: bool
) -> None:
    read = read_reason(reason, category)
    assert (read.label, read.of.category, read.known) == (label, found, known)


def test_a_label_is_known_whatever_its_case_accents_and_spaces() -> None:
    assert read_reason("Prise des droits à la retraite", None).known
    assert read_reason("AUCHOMAGE", None).known
    assert not read_reason("PARTI", None).known
