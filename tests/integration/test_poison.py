"""Hostile records on the real broker, for `etp`: one dead letter each, neighbours applied."""

from services.etp.projection import EtpProjection
from tests.homes import TestHome
from tests.poison import check_matrix


def test_each_poison_is_one_dead_letter_and_its_neighbours_are_applied(home: TestHome) -> None:
    home.start("etp-worker", "worker", "etp")
    check_matrix(home, "etp", EtpProjection().document_types)
