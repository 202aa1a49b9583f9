"""The read API of the modulation: the worked example's shares, within the scope of who asks."""

from fractions import Fraction
from typing import Any

import pytest

from shared.auth.roles import Principal, Role
from tests.api_client import NATION, Api
from tests.integration.modulation.territory import annex, siae, territory
from tests.projected import Projected, event

SIAE = Principal(Role.SIAE, structures=frozenset({1}))
DDETS = Principal(Role.DDETS, department="54")
CD = Principal(Role.CD, department="57")
DREETS = Principal(Role.DREETS, region="Grand Est")
OTHERS = Principal(Role.DREETS, region="Bretagne")

GROUP = {"year": 2026, "region": "Grand Est", "type": "ACI"}
ROW = "/v1/indicators/1/ACI"
SIMULATION = "/v1/simulations/1/ACI"
NOTICE = "la fonction officielle des trois indicateurs au taux n'est pas publiée"
FUNDED_ONLY = ("/v1/territories", "/v1/allocations", "/v1/methods", SIMULATION)


@pytest.fixture(scope="module", autouse=True)
async def declared(projected: Projected) -> Projected:
    await projected.declare(event(data, 1) for data in territory())
    return projected


async def test_indicators_are_those_of_the_declarations(api: Api) -> None:
    rows = await api.items("/v1/indicators", year=2026)
    six = ("ind1_num", "ind1_den", "ind2_num", "ind2_den", "ind3_num", "ind3_den")
    assert {(row["structure_id"], row["type"]): [row[name] for name in six] for row in rows} == {
        (1, "ACI"): ["3", "5", "3/2", "5", "1", "2"],
        (2, "ACI"): ["1", "5", "1/2", "5", "1", "2"],
        (9, "EI"): ["0", "5", None, "5", "1", "2"],
    }
    assert {row["socle_eur_cents"] for row in rows} == {10_000_000}
    assert {row["exercise"] for row in rows} == {2027}


@pytest.mark.parametrize(
    ("reader", "seen"),
    [(NATION, {1, 2, 9}), (DREETS, {1, 2}), (DDETS, {1}), (CD, {2}), (SIAE, {1}), (OTHERS, set())],
)
async def test_each_reads_the_rows_of_its_scope(
    api: Api, reader: Principal, seen: set[int]
) -> None:
    for path in ("/v1/indicators", "/v1/exits"):
        items = await api.items(path, reader, year=2026)
        assert {item["structure_id"] for item in items} == seen, path


async def test_other_roles_are_refused(api: Api) -> None:
    for role in (Principal(Role.OPERATOR), Principal(Role.SOURCE, source="asp")):
        for path in ("/v1/indicators", ROW, "/v1/exits", *FUNDED_ONLY):
            assert (await api.get(path, role, **GROUP)).status_code == 403
    assert (await api.get("/v1/indicators", None, year=2026)).status_code == 401


async def test_a_siae_sees_its_six_numbers_and_no_amount_nor_rate(api: Api) -> None:
    (row,) = await api.items("/v1/indicators", SIAE, year=2026)
    amounts = ("socle_eur_cents", "state_eur_cents", "department_eur_cents")
    assert [row[name] for name in amounts] == [None] * 3
    document = (await api.get(ROW, SIAE, year=2026)).json()
    assert document["indicators"] == row
    assert document["socle"] is None
    assert not {one["figure"] for one in document["figures"]} & set(amounts)
    for path in FUNDED_ONLY:
        assert (await api.get(path, SIAE, **GROUP)).status_code == 403


async def test_the_worked_example_is_shared_as_the_rules_say(api: Api) -> None:
    document = (await api.get("/v1/allocations", DREETS, **GROUP)).json()
    assert (document["method"], document["notice"]) == ("ratio-v1", NOTICE)
    parts = {
        row["structure_id"]: (row["score"], row["amount_eur_cents"], row["rate_pct"])
        for row in document["rows"]
    }
    assert parts == {
        1: ("1.375000000", 687_500, "6.875000"),
        2: ("0.625000000", 312_500, "3.125000"),
    }
    assert document["group"]["envelope_eur_cents"] == 1_000_000
    own = (await api.get("/v1/allocations", DDETS, **GROUP)).json()
    assert [row["structure_id"] for row in own["rows"]] == [1]
    assert own["group"] == document["group"]
    for reader in (OTHERS, Principal(Role.CD, department="2A")):
        answer = await api.get("/v1/allocations", reader, **GROUP)
        assert (answer.status_code, answer.json()["code"]) == (404, "group-not-found")


async def test_three_methods_stand_side_by_side(api: Api) -> None:
    document = (await api.get("/v1/methods", DREETS, **GROUP)).json()
    assert document["notice"] == NOTICE
    methods = {one["method"]: one for one in document["methods"]}
    assert list(methods) == ["ratio-v1", "rank-v1", "minmax-v1"]
    for one in methods.values():
        assert sum(row["amount_eur_cents"] for row in one["rows"]) == 1_000_000
        assert {row["method"] for row in one["rows"]} == {one["method"]}
    whole = await api.get("/v1/methods", DREETS, year=2026, region="Grand Est")
    assert whole.json() == document
    nation = (await api.get("/v1/methods", year=2026, region="Corse")).json()
    assert [one["group"]["type"] for one in nation["methods"]] == ["EI"] * 3


async def test_a_simulation_changes_one_row_and_writes_nothing(
    api: Api, declared: Projected
) -> None:
    document = (await api.get(SIMULATION, DDETS, year=2026, ind1_num="1", ind2_num="1/2")).json()
    assert (document["method"], document["notice"]) == ("ratio-v1", NOTICE)
    assert document["before"]["rate_pct"] == "6.875000"
    assert document["after"]["rate_pct"] == "5.000000"
    rows = (await api.get("/v1/allocations", DREETS, **GROUP)).json()["rows"]
    assert rows[0]["rate_pct"] == "6.875000"
    refused = await api.get("/v1/simulations/2/ACI", DDETS, year=2026)
    assert (refused.status_code, refused.json()["code"]) == (404, "row-not-found")


async def test_what_no_rule_set_allocates_is_not_found(api: Api, declared: Projected) -> None:
    old = siae(4, "ACI054160001", "54395", poor=0, support=None, year=2016)
    await declared.declare(event(data, 1) for data in old)
    assert [row["exercise"] for row in await api.items("/v1/indicators", DDETS, year=2016)] == [
        2017
    ]
    for path in ("/v1/allocations", "/v1/methods", "/v1/simulations/4/ACI"):
        parameters = {"year": 2016} if "simulations" in path else {**GROUP, "year": 2016}
        assert (await api.get(path, DDETS, **parameters)).status_code == 404, path


async def test_territories_sum_the_rows_with_socle_and_envelope(api: Api) -> None:
    rows = await api.items("/v1/territories", DREETS, year=2026)
    by_place = {(row["department"], row["type"]): row for row in rows}
    assert list(by_place) == [(None, "ACI"), ("54", "ACI"), ("57", "ACI")]
    region = by_place[None, "ACI"]
    assert region["structures"] == 2
    assert (region["minimum_income"], region["employees"]) == ("4", "10")
    assert (region["support_etp"], region["insertion_etp"]) == ("2", "10")
    assert (region["dynamic_exits"], region["exits"]) == ("2", "4")
    names = ("socle_eur_cents", "state_socle_eur_cents", "department_socle_eur_cents")
    assert [region[name] for name in names] == [20_000_000, 16_000_000, 4_000_000]
    names = ("envelope_eur_cents", "state_envelope_eur_cents", "department_envelope_eur_cents")
    assert [region[name] for name in names] == [1_000_000, 800_000, 200_000]
    own = await api.items("/v1/territories", DDETS, year=2026)
    assert [(row["department"], row["structures"]) for row in own] == [("54", 1)]
    nation = await api.items("/v1/territories", year=2026, department="2A")
    assert [(row["region"], row["type"]) for row in nation] == [("Corse", "EI")]


def total(rows: list[dict[str, Any]], name: str) -> Fraction:
    return sum((Fraction(row[name]) for row in rows), Fraction(0))


def redone(document: dict[str, Any]) -> dict[str, Fraction]:
    """The figures, from the lists of the explanation alone."""
    counted = [one for one in document["exits"] if one["counted"]]
    return {
        "ind1_num": Fraction(sum(one["minimum_income"] for one in document["employees"])),
        "ind1_den": Fraction(len(document["employees"])),
        "ind2_num": Fraction(document["support_hours"]) / 1820,
        "ind2_den": sum(
            (
                Fraction(one["hours"]) / Fraction(one["hours_base"])
                for one in document["annex_hours"]
            ),
            Fraction(0),
        ),
        "ind3_num": Fraction(sum(one["success"] for one in counted)),
        "ind3_den": Fraction(len(counted)),
        "state_eur_cents": 100 * total(document["socle"], "state_part"),
        "department_eur_cents": 100 * total(document["socle"], "department_part"),
        "months_conventioned": Fraction(
            len({month for one in document["socle"] for month in one["months"]})
        ),
    }


async def test_figures_are_made_again_from_their_explanation_alone(api: Api) -> None:
    document = (await api.get(ROW, DDETS, year=2026)).json()
    exact = {one["figure"]: Fraction(one["exact"]) for one in document["figures"]}
    figures = redone(document)
    socle = figures["state_eur_cents"] + figures["department_eur_cents"]
    assert exact == {**figures, "socle_eur_cents": socle}
    shown = document["indicators"]
    assert {name: Fraction(shown[name]) for name in exact} == exact
    assert {one["contracts"][0] for one in document["employees"]} == set(range(10, 15))


async def test_complementary_indicators_stand_beside(api: Api) -> None:
    more = (await api.get(ROW, DDETS, year=2026)).json()["complementary"]
    half = {"num": "1", "den": "2"}
    assert more == {
        "without_known_situations": {"num": "1", "den": "1"},
        "over_450_hours": None,
        "durable_exits": [10],
        "by_presence_months": {"3": half, "6": half, "12": {"num": "0", "den": "0"}},
        "hires_by_prescriber": [
            {"prescriber": None, "persons": 1},
            {"prescriber": "FT", "persons": 4},
        ],
        "positioned_persons": 9,
        "partner_hours": "12.5",
        "training_hours": None,
    }


async def test_nominative_readings_and_refusals_are_noted_before_they_are_shown(
    api: Api, declared: Projected
) -> None:
    await declared.pool.execute("TRUNCATE access_log")
    await api.get(ROW, DDETS, year=2026)
    await api.get(ROW, CD, year=2026)
    await api.get("/v1/exits", DREETS, year=2026)
    await api.get("/v1/exits", OTHERS, year=2026)
    await api.get("/v1/indicators", DREETS, year=2026)
    rows = await declared.pool.fetch(
        "SELECT reader, action, resource, allowed FROM access_log ORDER BY id"
    )
    assert [tuple(row) for row in rows] == [
        ("ddets 54", "modulation-row", "structure 1 ACI 2026", True),
        ("cd 57", "modulation-row", "structure 1 ACI 2026", False),
        ("dreets Grand Est", "modulation-exits", "exits 2026", True),
    ]


async def test_what_is_not_there_or_not_ones_own_is_the_same_404(api: Api) -> None:
    for path, reader in (
        (ROW, CD),
        ("/v1/indicators/777/ACI", NATION),
        ("/v1/indicators/1/EI", NATION),
    ):
        answer = await api.get(path, reader, year=2026)
        assert (answer.status_code, answer.json()["code"]) == (404, "row-not-found")


@pytest.mark.parametrize(
    ("path", "parameters", "at"),
    [
        ("/v1/indicators", {}, "query.year"),
        ("/v1/indicators", {"year": 0}, "query.year"),
        ("/v1/indicators", {"year": 2026, "region": "Bretagnes"}, "query.region"),
        ("/v1/indicators", {"year": 2026, "unknown": 1}, "query.unknown"),
        ("/v1/indicators/1/EITI", {"year": 2026}, "path.type"),
        ("/v1/exits", {"year": 2026, "size": 1001}, "query.size"),
        ("/v1/allocations", {**GROUP, "method": "ratio-v2"}, "query.method"),
        (SIMULATION, {"year": 2026, "ind1_num": "-1"}, "query.ind1_num"),
        (SIMULATION, {"year": 2026, "ind2_den": "1/0"}, "query.ind2_den"),
    ],
)
async def test_a_bad_parameter_is_told_by_its_path(
    api: Api, path: str, parameters: dict[str, Any], at: str
) -> None:
    answer = await api.get(path, **parameters)
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [at]


async def test_answers_have_an_etag_and_pages(api: Api) -> None:
    first = await api.get("/v1/indicators", year=2026, size=2)
    assert (first.json()["total"], len(first.json()["items"])) == (3, 2)
    headers = {"If-None-Match": first.headers["etag"]}
    again = await api.get("/v1/indicators", year=2026, size=2, headers=headers)
    assert again.status_code == 304


async def test_what_is_kept_in_memory_follows_the_projection(api: Api, declared: Projected) -> None:
    """Last: it changes the declarations."""
    before = await api.items("/v1/indicators", DREETS, year=2026)
    await declared.declare(
        [event(annex(1, "ACI054260001", "ACI_DC", "1820", state="PROVISOIRE"), 2)]
    )
    assert await api.items("/v1/indicators", DREETS, year=2026) == before
    await declared.pool.execute(
        "INSERT INTO consumer_position (group_name, topic, partition, cluster_id, first_offset,"
        " next_offset) VALUES ('g', 't', 0, 'c', 0, 1)"
    )
    rows = await api.items("/v1/indicators", DREETS, year=2026)
    assert "provisional_annex" in rows[0]["controls"]
    assert rows != before
