"""Explanations and differences over feed-mini: every sum made again from the explanation alone."""

from fractions import Fraction
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.auth.roles import Principal, Role
from tests import redo
from tests.api_client import Api
from tests.integration.etp.answers import SCOPES, as_texts, expected, exported
from tests.oracle_tables import rounded
from tests.projected import Projected

pytestmark = pytest.mark.usefixtures("deliveries")


async def explained(api: Api, path: str, **parameters: Any) -> Any:
    answer = await api.get(path, **parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_annex_month_is_made_again_from_its_lines(api: Api) -> None:
    rows = expected("annex-months")
    for row in rows:
        path = f"/v1/annexes/{row['annex_id']}/explanation"
        document = await explained(api, path, month=f"{row['year']}-{int(row['month']):02d}")
        assert exported(document["month"]) == row
        redo.assert_same(document, redo.of_month(document), document["month"])
    assert len(rows) > 150


async def test_every_annex_is_made_again_from_its_months(api: Api) -> None:
    rows = expected("annexes")
    for row in rows:
        document = await explained(api, f"/v1/annexes/{row['annex_id']}/explanation")
        shown = (await api.get(f"/v1/annexes/{row['annex_id']}")).json()
        redo.assert_same(document, redo.of_annex(document), shown | {"months": int(row["months"])})
        months = [m for m in expected("annex-months") if m["annex_id"] == row["annex_id"]]
        assert [exported(month) for month in document["months"]] == months
    assert len(rows) == 19


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("structures", "/v1/structures/{structure_id}/explanation"),
        ("territories", "/v1/territories/explanation"),
    ],
)
async def test_every_sum_is_made_again_from_its_annex_months(
    api: Api, table: str, path: str
) -> None:
    rows = expected(table)
    for row in rows:
        asked = {"kind": row["kind"], "month": f"{row['year']}-{int(row['month']):02d}"}
        if row.get("department"):
            asked["department"] = row["department"]
        document = await explained(api, path.format(**row), **asked)
        assert as_texts(document["sum"]) == row
        redo.assert_same(document, redo.of_sum(document), document["sum"])
    assert len(rows) > 100


async def test_a_month_shows_its_lines_and_its_declarations(api: Api) -> None:
    document = await explained(api, "/v1/annexes/2013/explanation", month="2026-04")
    why = {(line["version"], line["hours"], line["why"]) for line in document["lines"]}
    assert (1, "40", "superseded") in why
    assert (2, "60", "counted") in why
    (step,) = [step for step in document["figures"] if step["figure"] == "realised_etp"]
    assert (step["rule"], step["value"]) == (4, "3.006593")
    assert Fraction(step["exact"]) == Fraction(12 * 456, 1820)
    (declaration,) = document["declarations"]
    assert (declaration["source"], declaration["revision"], declaration["in_force"]) == (
        "asp",
        1,
        True,
    )
    assert declaration["accepted_at"] == "2026-11-08T00:00:00+00:00"
    assert document["annex"]["revision"] == 2


async def test_a_corrected_month_shows_every_revision_and_only_one_in_force(api: Api) -> None:
    document = await explained(api, "/v1/annexes/2009/explanation", month="2026-05")
    shown = [(one["revision"], one["hours"], one["in_force"]) for one in document["declarations"]]
    assert shown == [(1, "268", False), (2, "200", False), (3, "268", True)]


async def test_a_month_outside_the_annex_enters_nothing(api: Api) -> None:
    document = await explained(api, "/v1/annexes/2002/explanation", month="2026-01")
    assert document["month"]["in_period"] is False
    assert document["month"]["hours"] == "753.00"
    assert document["month"]["asp_difference"] is None
    steps = {step["figure"]: step["value"] for step in document["figures"]}
    assert (steps["realised_etp"], steps["validated"]) == (None, "false")


async def test_the_asps_own_figure_is_beside_ours(api: Api) -> None:
    document = await explained(api, "/v1/annexes/2001/explanation", month="2026-01")
    month = document["month"]
    assert (month["asp_lines"], month["asp_etp"]) == (4, "10.002300")
    assert month["asp_difference"] == "-0.000102"


async def test_the_rsa_target_and_the_employees_on_rsa(api: Api) -> None:
    months = (await api.get("/v1/annexes/2001/months")).json()["items"]
    january, may = months[0], months[4]
    assert january["brsa_target"] == rounded(Fraction("59802.50") / 12 / Fraction("568.94"), 6)
    assert may["brsa_target"] == rounded(Fraction("59802.50") / 12 / Fraction("577.5"), 6)
    assert january["brsa_employees"] == 2
    assert january["brsa_etp"] == rounded(Fraction(12 * 780, 1820), 6)
    assert months[3]["brsa_employees"] is None
    document = await explained(api, "/v1/annexes/2001/explanation")
    (year,) = document["brsa_targets"]
    assert year["year"] == 2026
    assert Fraction(year["exact"]) == Fraction("59802.50") / 12 * (
        3 / Fraction("568.94") + 9 / Fraction("577.5")
    )
    entreprise = (await api.get("/v1/annexes/2002/months")).json()["items"]
    assert {month["brsa_target"] for month in entreprise} == {None}
    assert {month["brsa_employees"] for month in entreprise} == {None}


async def test_an_instant_explains_what_was_known_then(api: Api) -> None:
    then = "1970-01-01T00:00:00.000001Z"
    document = await explained(
        api, "/v1/annexes/2009/explanation", month="2026-05", as_of=then.replace("01Z", "02Z")
    )
    assert [one["in_force"] for one in document["declarations"]] == [False, True]
    assert document["month"]["hours"] == "200.00"
    before = await explained(api, "/v1/annexes/2013/explanation", as_of=then)
    assert (before["annex"]["structure_id"], before["annex"]["revision"]) == (109, 1)


async def test_differences_are_those_above_a_hundredth(api: Api) -> None:
    items = await api.items("/v1/differences")
    shown = {(item["annex_id"], item["year"], item["month"]) for item in items}
    above = set()
    for row in expected("annexes"):
        document = await explained(api, f"/v1/annexes/{row['annex_id']}/explanation")
        above |= {
            (month["annex_id"], month["year"], month["month"])
            for month in document["months"]
            if abs(Fraction(month["asp_difference"] or 0)) > Fraction(1, 100)
        }
    assert shown == above
    assert shown
    first = (await api.get("/v1/differences", size=1)).json()
    assert (first["items"], first["total"]) == (items[:1], len(items))
    assert await api.items("/v1/differences", as_of="1970-01-01T00:00:00Z") == []


@pytest.mark.parametrize("name", SCOPES)
async def test_lines_and_differences_stay_within_the_scope(api: Api, name: str) -> None:
    principal, own = SCOPES[name]
    for row in expected("annexes"):
        asked = f"/v1/annexes/{row['annex_id']}/explanation"
        status = 200 if int(row["annex_id"]) in own else 404
        first = row["starts_on"][:7]
        assert (await api.get(asked, principal, month=first)).status_code == status
        assert (await api.get(asked, principal)).status_code == status
    items = await api.items("/v1/differences", principal)
    assert {item["annex_id"] for item in items} <= own


async def test_a_sum_outside_the_scope_is_not_explained(api: Api) -> None:
    siae, _ = SCOPES["siae"]
    asked = {"kind": "ACI", "month": "2026-03"}
    other = await api.get("/v1/structures/101/explanation", siae, **asked)
    assert (other.status_code, other.json()["code"]) == (404, "figure-not-found")
    cd, _ = SCOPES["cd"]
    beyond = await api.get("/v1/territories/explanation", cd, **asked, department="54")
    assert beyond.status_code == 404
    own = {"kind": "EI", "month": "2026-03"}
    path = "/v1/territories/explanation"
    assert (await api.get(path, cd, **own, department="13")).status_code == 200
    assert (await api.get(path, cd, **own)).status_code == 404


async def test_reading_lines_is_noted_before_they_are_shown(
    api: Api, deliveries: Projected
) -> None:
    await deliveries.pool.execute("TRUNCATE access_log")
    cd, _ = SCOPES["cd"]
    await api.get("/v1/annexes/2005/explanation", cd, month="2026-06")
    await api.get("/v1/annexes/2014/explanation", cd, month="2026-04")
    await api.get("/v1/annexes/2014/explanation", cd)
    await api.get("/v1/annexes/2001/explanation", cd, month="2026-03")
    await api.get("/v1/annexes/2014", cd)
    rows = await deliveries.pool.fetch("SELECT * FROM access_log ORDER BY id")
    assert [(row["reader"], row["action"], row["resource"], row["allowed"]) for row in rows] == [
        ("cd 13", "monthly-lines", "annex 2014 2026-04", True),
        ("cd 13", "monthly-lines", "annex 2001 2026-03", False),
    ]


async def test_lines_are_not_shown_when_the_access_cannot_be_noted(
    api: Api, deliveries: Projected
) -> None:
    await deliveries.pool.execute("ALTER TABLE access_log RENAME TO access_log_away")
    try:
        with capture_logs():
            answer = await api.get("/v1/annexes/2001/explanation", month="2026-03")
    finally:
        await deliveries.pool.execute("ALTER TABLE access_log_away RENAME TO access_log")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")


@pytest.mark.parametrize(
    ("path", "parameters", "status", "code"),
    [
        ("/v1/annexes/2001/explanation", {"month": "2026-13"}, 422, "query.month"),
        ("/v1/annexes/2001/explanation", {"month": "2026-3"}, 422, "query.month"),
        ("/v1/annexes/2001/explanation", {"month": "2026-03\n"}, 422, "query.month"),
        ("/v1/annexes/2001/explanation", {"month": "\x00"}, 422, "query.month"),
        ("/v1/annexes/2001/explanation", {"as_of": "demain"}, 422, "query.as_of"),
        ("/v1/annexes/2001/explanation", {"page": 1}, 422, "query.page"),
        ("/v1/annexes/99999999999999999999/explanation", {}, 422, "path.annex_id"),
        ("/v1/annexes/2001/explanation", {"month": "0000-01"}, 404, "figure-not-found"),
        ("/v1/annexes/2001/explanation", {"month": "9999-12"}, 404, "figure-not-found"),
        ("/v1/annexes/2022/explanation", {}, 404, "annex-not-found"),
        ("/v1/structures/101/explanation", {"month": "2026-03"}, 422, "query.kind"),
        ("/v1/structures/101/explanation", {"kind": "ACI"}, 422, "query.month"),
        ("/v1/territories/explanation", {"kind": "ACI", "month": "2026-03", "department": "20"},
         422, "query.department"),
        ("/v1/territories/explanation", {"kind": "EITI", "month": "2026-03"},
         404, "figure-not-found"),
        ("/v1/differences", {"department": "20"}, 422, "query.department"),
        ("/v1/differences", {"class": "conforme"}, 422, "query.class"),
    ],
)  # fmt: skip
async def test_what_cannot_be_explained_is_a_problem_document(
    api: Api, path: str, parameters: dict[str, Any], status: int, code: str
) -> None:
    answer = await api.get(path, **parameters)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert code in {document["code"], *(fault["path"] for fault in document["errors"])}


async def test_other_roles_explain_nothing(api: Api) -> None:
    asked = {"kind": "ACI", "month": "2026-03"}
    with capture_logs() as logs:
        for path in ("/v1/annexes/2001/explanation", "/v1/differences"):
            assert (await api.get(path, Principal(Role.OPERATOR))).status_code == 403
            assert (await api.get(path, None)).status_code == 401
        for path in ("/v1/structures/101/explanation", "/v1/territories/explanation"):
            assert (await api.get(path, Principal(Role.ASP), **asked)).status_code == 403
    assert len([entry for entry in logs if entry["event"] == "access_refused"]) == 6


async def test_explanations_have_an_etag_and_a_description(api: Api) -> None:
    asked = {"kind": "ACI", "month": "2026-03"}
    paths: dict[str, dict[str, Any]] = {
        "/v1/annexes/{annex_id}/explanation": {},
        "/v1/structures/{structure_id}/explanation": asked,
        "/v1/territories/explanation": asked | {"department": "54"},
        "/v1/differences": {},
    }
    document = (await api.get("/v1/openapi.json", None)).json()
    for template, parameters in paths.items():
        path = template.format(annex_id=2001, structure_id=101)
        first = await api.get(path, **parameters)
        headers = {"If-None-Match": first.headers["etag"]}
        assert (await api.get(path, **parameters, headers=headers)).status_code == 304
        operation = document["paths"][template]["get"]
        assert operation["summary"]
        assert operation["security"]
        assert "4XX" in operation["responses"]
