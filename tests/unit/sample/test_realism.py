"""Is the sample like the nation: kinds, versions, amounts, hours, seasons, invented people?"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from statistics import mean

from shared.reference.departments import departments
from shared.testing.sample.feed import structure_lines
from shared.testing.sample.layouts import layouts
from shared.testing.sample.request import sample_request
from shared.testing.sample.structures import draw_structure
from tests.unit.sample.reading import MID_SIZED, View

Views = Callable[[str], View]
COUNTED = {"VALIDE", "PROVISOIRE", "CLOTURE"}
KINDS = {"ACI", "EI", "AI", "ETTI", "EITI", "ACIPA", "EIPA"}


def test_kinds_have_the_nation_s_proportions() -> None:
    found = Counter(
        site.measure for number in range(1, 2001) for site in draw_structure(1, number).sites
    )
    sites = sum(found.values())
    bounds = {"ACI_DC": (40, 49), "EI_DC": (27, 36), "AI_DC": (11, 17), "ETTI_DC": (7, 12)}
    for measure, (least, most) in bounds.items():
        assert least < 100 * found[measure] / sites < most
    assert 1.01 < sites / 2000 < 1.06
    assert {f"{kind}_DC" for kind in KINDS} | {"ACI_MP", "EI_MP"} == set(found)


def test_forty_structures_show_every_kind_and_many_departments() -> None:
    for seed in (1, 2):
        drawn = [draw_structure(seed, number) for number in range(1, 41)]
        assert {site.kind.code for one in drawn for site in one.sites} == KINDS
        assert len({one.department for one in drawn}) > 15
        assert any(len(one.sites) == 2 for one in drawn)


def test_the_nation_covers_its_departments() -> None:
    found = {draw_structure(1, number).department for number in range(1, 4601)}
    assert found == set(departments()) - {"984", "986", "987", "988", "989"}


def test_annexes_have_amendments_of_which_one_usually_counts(view: Views) -> None:
    versions: dict[str, list[str]] = defaultdict(list)
    for row in view("AnnexeFinanciere").dicts():
        versions[row["af_id_annexe_financiere"]].append(row["af_etat_annexe_financiere_code"])
    assert 1.5 < sum(map(len, versions.values())) / len(versions) < 2
    assert MID_SIZED < len(versions) < 1.4 * MID_SIZED
    counted = [sum(state in COUNTED for state in states) for states in versions.values()]
    assert sum(number == 1 for number in counted) > 0.9 * len(counted)
    states = {state for found in versions.values() for state in found}
    assert states >= COUNTED | {"HISTORISE", "SAISI", "BROUILLON", "REJETE", "ANNULE"}


def test_totals_obey_rule_9_but_for_a_few(view: Views) -> None:
    right = Counter[bool]()
    for row in view("AnnexeFinanciere").dicts():
        total = row["af_montant_total_annuel"]
        posts, unit = row["af_etp_postes_insertion"], row["af_montant_unitaire_annuel_valeur"]
        ends = [row["af_date_debut_effet"], row["af_date_fin_effet"]]
        if not total or not re.fullmatch(r"\d+(\.\d+)?", posts) or "31/02/2026" in ends:
            continue
        first, last = (12 * int(day[6:]) + int(day[3:5]) for day in ends)
        months, granted = last - first + 1, Decimal(posts) * int(unit)
        part = granted if months == 12 else granted / 12
        rounded = part.quantize(Decimal("0.01"), ROUND_HALF_UP)
        right[Decimal(total) == (rounded if months == 12 else rounded * months)] += 1
    assert right[True] > 0.98 * right.total() > 600
    assert right[False] >= 1


def test_posts_are_between_1_and_60(view: Views) -> None:
    posts = [row["af_etp_postes_insertion"] for row in view("AnnexeFinanciere").dicts()]
    values = [Decimal(value) for value in posts if re.fullmatch(r"\d+(\.\d+)?", value)]
    assert sum(1 <= value <= 60 for value in values) > 0.99 * len(values)
    assert len(set(values)) > 30


def _rates(view: Views) -> dict[str, list[tuple[int, Decimal]]]:
    """Month and ASP's ETP over E of each (annex, month) of each kind, one version annexes only."""
    rows = view("AnnexeFinanciere").dicts()
    often = Counter(row["af_id_annexe_financiere"] for row in rows)
    annexes = {
        row["af_id_annexe_financiere"]: row
        for row in rows
        if often[row["af_id_annexe_financiere"]] == 1
        and row["af_etat_annexe_financiere_code"] in COUNTED
    }
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in view("EtatMensuelIndiv").dicts():
        if row["emi_afi_id"] in annexes and row["emi_sme_version"] == "1":
            sums[row["emi_afi_id"], row["emi_sme_mois"]] += Decimal(row["emi_part_etp"])
    found: dict[str, list[tuple[int, Decimal]]] = defaultdict(list)
    for (annex, month), etp in sums.items():
        row = annexes[annex]
        kind = row["af_mesure_dispositif_code"].split("_")[0]
        posts = Decimal(row["af_etp_postes_insertion"])
        if posts and month != "13":
            found[kind].append((int(month), etp / posts))
    return found


def test_realised_hovers_around_contracted_with_the_kind_s_season(view: Views) -> None:
    rates = _rates(view)
    for kind in ("ACI", "EI", "AI", "ETTI"):
        values = [rate for _, rate in rates[kind]]
        assert Decimal("0.8") < mean(values) < Decimal("1.1"), kind
    for kind in ("AI", "ETTI"):
        summer = [rate for month, rate in rates[kind] if month in (6, 7)]
        winter = [rate for month, rate in rates[kind] if month in (1, 2)]
        assert mean(summer) > mean(winter) + Decimal("0.08"), kind


def test_old_months_are_validated_and_recent_ones_in_the_making(view: Views) -> None:
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for row in view("EtatMensuelIndiv").dicts():
        states[row["emi_sme_mois"]][row["emi_esm_etat_code"]] += 1
    assert states["3"]["VALIDE"] > 0.93 * states["3"].total()
    assert states["10"]["VALIDE"] < 0.6 * states["10"].total()
    assert states["10"]["SAISI"] > 0
    assert sum(count["DEBLOQUE"] for count in states.values()) > 0
    assert {row["emi_sme_version"] for row in view("EtatMensuelIndiv").dicts()} >= {"1", "2"}


def test_nobody_is_real(view: Views) -> None:
    for row in view("Salarie").dicts():
        name, number = row["salarie_nom_usage"], row["salarie_nir"].replace(" ", "")
        assert name.startswith("ZZ")
        assert row["salarie_prenom"].startswith("ZZ")
        assert number in ("", "1" * 15) or 31 <= int(number[3:5]) <= 42
    for row in view("Structure").dicts():
        assert re.fullmatch(r"(contact\d+@example\.org)?", mail := row[MAIL]), mail


MAIL = "structure_adresse_mail_corresp_technique"


def test_people_stay_renew_leave_and_come_back() -> None:
    request, known = sample_request(40, 2, 1), layouts()
    contracts = [
        known["ContratMission"].row(line)
        for number in range(1, 41)
        for line in structure_lines(request, number, known)["ContratMission"]
        if line.count("|") == len(known["ContratMission"].columns) - 1
    ]
    kinds = Counter(row["contrat_type_contrat"] for row in contracts)
    assert 0.1 < 1 - kinds["0"] / len(contracts) < 0.6
    left = [row for row in contracts if row["contrat_date_sortie_definitive"]]
    assert 0.2 < len(left) / len(contracts) < 0.7
    assert len({row["contrat_motif_sortie_id"] for row in left}) > 15
    firsts = Counter(row["contrat_id_pph"] for row in contracts if row[TYPE] == "0")
    assert max(firsts.values()) > 1
    assert {row["contrat_salarie_rsa"] for row in contracts} == {"NON", "OUI-M", "OUI-NM"}


TYPE = "contrat_type_contrat"
