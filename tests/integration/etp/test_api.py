"""The read API: the exports' figures, within the scope of who asks."""

from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.auth.roles import Principal, Role
from shared.contracts.monthly_state_v1 import MonthlyStateWithdrawn
from tests.api_client import Api
from tests.integration.etp.answers import SCOPES, as_texts, expected, exported
from tests.projected import Projected, event

pytestmark = pytest.mark.usefixtures("deliveries")

PATHS = ("/v1/annexes", "/v1/annexes/2001", "/v1/structures", "/v1/territories")


@pytest.mark.parametrize("table", ["annexes", "structures", "territories"])
async def test_a_list_holds_the_figures_of_the_export(api: Api, table: str) -> None:
    items = await api.items(f"/v1/{table}")
    assert [as_texts(item) for item in items] == expected(table)


async def test_pages_follow_one_another(api: Api) -> None:
    for path in ("/v1/annexes", "/v1/structures", "/v1/territories"):
        pages = [(await api.get(path, page=page, size=7)).json() for page in (1, 2, 3)]
        whole = await api.items(path)
        assert [item for page in pages for item in page["items"]] == whole[:21]
        assert {(page["total"], page["size"]) for page in pages} == {(len(whole), 7)}
    beyond = (await api.get("/v1/annexes", page=99)).json()
    assert (beyond["items"], beyond["total"]) == ([], 19)


async def test_an_annex_comes_with_its_months_and_its_versions(api: Api) -> None:
    document = (await api.get("/v1/annexes/2001")).json()
    (row,) = [row for row in expected("annexes") if row["annex_id"] == "2001"]
    shown = as_texts({name: document[name] for name in row if name != "months"})
    assert shown == {name: text for name, text in row.items() if name != "months"}
    months = [row for row in expected("annex-months") if row["annex_id"] == "2001"]
    assert [exported(month) for month in document["months"]] == months
    versions = [(v["amendment_id"], v["state"], v["in_force"]) for v in document["versions"]]
    assert versions == [
        (20010, "HISTORISE", False),
        (20011, "VALIDE", True),
        (20012, "SAISI", False),
    ]
    assert document["annual_view"] == {
        "consumed_annual_etp": "6.668132",
        "share": "0.666813",
        "remaining_annual_etp": "3.331868",
        "class": None,
    }
    finished = (await api.get("/v1/annexes/2003")).json()
    assert finished["annual_view"]["class"] == "conforme"


async def test_every_revision_is_shown_with_its_source_and_instant(api: Api) -> None:
    versions = (await api.get("/v1/annexes/2013")).json()["versions"]
    assert [(v["revision"], v["structure_id"], v["in_force"]) for v in versions] == [
        (1, 109, False),
        (2, 110, True),
    ]
    assert {v["source"] for v in versions} == {"asp"}
    assert {v["accepted_at"] for v in versions} == {"2026-11-08T00:00:00+00:00"}


async def test_months_are_a_list_too(api: Api) -> None:
    months = [row for row in expected("annex-months") if row["annex_id"] == "2003"]
    items = await api.items("/v1/annexes/2003/months")
    assert [exported(item) for item in items] == months
    assert len(await api.items("/v1/annexes/2003/months", year=2025)) == 6
    second = (await api.get("/v1/annexes/2003/months", page=2, size=5)).json()
    assert (second["total"], [exported(i) for i in second["items"]]) == (12, months[5:10])


@pytest.mark.parametrize(
    ("filters", "column", "values"),
    [
        ({"kind": "ACIPA"}, "kind", {"ACIPA"}),
        ({"region": "Île-de-France"}, "department", {"75", "93"}),
        ({"department": "2A"}, "department", {"2A"}),
        ({"structure_id": 110}, "structure_id", {110}),
        ({"class": "sur-consommation"}, "class", {"sur-consommation"}),
        ({"class": "hors convention"}, "annex_id", {2005}),
        ({"class": "conforme", "kind": "ETTI"}, "annex_id", {2003}),
        ({"year": 2025}, "annex_id", {2003, 2006, 2007}),
        ({"department": "75", "region": "Grand Est"}, "annex_id", set()),
    ],
)
async def test_annexes_are_filtered(
    api: Api, filters: dict[str, Any], column: str, values: set[Any]
) -> None:
    items = await api.items("/v1/annexes", **filters)
    assert {item[column] for item in items} == values


@pytest.mark.parametrize("name", SCOPES)
async def test_each_role_reads_its_scope_and_nothing_else(api: Api, name: str) -> None:
    principal, readable = SCOPES[name]
    everything = await api.items("/v1/annexes")
    items = await api.items("/v1/annexes", principal)
    assert {item["annex_id"] for item in items} == readable
    for annex in everything:
        allowed = annex["annex_id"] in readable
        for path in (f"/v1/annexes/{annex['annex_id']}", f"/v1/annexes/{annex['annex_id']}/months"):
            answer = await api.get(path, principal)
            assert answer.status_code == (200 if allowed else 404)
    owners = {item["structure_id"] for item in items}
    structures = await api.items("/v1/structures", principal)
    assert {item["structure_id"] for item in structures} == owners
    territories = await api.items("/v1/territories", principal)
    assert {item["department"] for item in territories} == {item["department"] for item in items}
    contracted = {
        "structures": sum(float(item["contracted_etp"]) for item in structures),
        "territories": sum(float(item["contracted_etp"]) for item in territories),
        "annexes": sum(float(item["contracted_etp"]) * item["months"] for item in items),
    }
    assert len(set(contracted.values())) == 1


async def test_a_filter_out_of_scope_gives_nothing(api: Api) -> None:
    principal, _ = SCOPES["cd"]
    for path in ("/v1/annexes", "/v1/structures", "/v1/territories"):
        assert await api.items(path, principal, department="54") == []
        assert await api.items(path, principal, region="Corse") == []
    siae, _ = SCOPES["siae"]
    assert await api.items("/v1/annexes", siae, structure_id=101) == []


@pytest.mark.parametrize("path", PATHS)
async def test_other_roles_are_refused(api: Api, path: str) -> None:
    for principal in (Principal(Role.ASP), Principal(Role.SOURCE, source="editor")):
        assert (await api.get(path, principal)).status_code == 403
    assert (await api.get(path, Principal(Role.OPERATOR))).status_code == 403
    assert (await api.get(path, None)).status_code == 401


async def test_anothers_annex_and_none_answer_alike_and_are_logged(api: Api) -> None:
    principal, _ = SCOPES["cd"]
    with capture_logs() as logs:
        other = await api.get("/v1/annexes/2001", principal)
    none = await api.get("/v1/annexes/999999", principal)
    uncounted = await api.get("/v1/annexes/2022")
    assert other.json() == none.json() == uncounted.json()
    assert other.json()["code"] == "annex-not-found"
    (entry,) = [entry for entry in logs if entry["event"] == "access_refused"]
    assert (entry["route"], entry["role"]) == ("/v1/annexes/{annex_id}", "cd")


@pytest.mark.parametrize(
    ("path", "parameters", "faulty"),
    [
        ("/v1/annexes", {"year": "MMXXVI"}, "query.year"),
        ("/v1/annexes", {"kind": "GEIQ"}, "query.kind"),
        ("/v1/annexes", {"region": "Gaule"}, "query.region"),
        ("/v1/annexes", {"department": "20"}, "query.department"),
        ("/v1/annexes", {"class": "excellent"}, "query.class"),
        ("/v1/annexes", {"size": 1001}, "query.size"),
        ("/v1/annexes", {"page": 0}, "query.page"),
        ("/v1/annexes", {"as_of": "2026-02-30T00:00:00"}, "query.as_of"),
        ("/v1/annexes/2001", {"as_of": "9999-01-01T00:00:00Z"}, "query.as_of"),
        ("/v1/structures", {"as_of": "hier"}, "query.as_of"),
        ("/v1/territories", {"as_of": "\x00"}, "query.as_of"),
        ("/v1/annexes", {"annee": 2026}, "query.annee"),
        ("/v1/territories", {"structure_id": 101}, "query.structure_id"),
        ("/v1/annexes/zero", {}, "path.annex_id"),
        ("/v1/annexes/9223372036854775808", {}, "path.annex_id"),
    ],
)
async def test_a_bad_filter_is_a_problem_document(
    api: Api, path: str, parameters: dict[str, Any], faulty: str
) -> None:
    answer = await api.get(path, **parameters)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    (fault,) = answer.json()["errors"]
    assert fault["path"] == faulty
    assert fault["message"].endswith(".")


async def test_an_instant_that_cannot_be_asked_about_says_why(api: Api) -> None:
    instants = ("9999-01-01T00:00:00", "9999-01-01T00:00:00Z", "hier", "1790000000")
    answers = [await api.get("/v1/annexes", as_of=instant) for instant in instants]
    assert [answer.json()["errors"][0]["code"] for answer in answers] == [
        "future-instant",
        "future-instant",
        "unreadable-instant",
        "unreadable-instant",
    ]


async def test_the_same_figures_have_the_same_etag(api: Api) -> None:
    first = await api.get("/v1/annexes")
    again = await api.get("/v1/annexes", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await api.get("/v1/annexes", year=2025)
    assert other.headers["etag"] != first.headers["etag"]


async def test_as_of_answers_what_was_known_then(api: Api, deliveries: Projected) -> None:
    later = 1_790_000_000_000_000
    gone = MonthlyStateWithdrawn(annex_id=2016, year=2026, month=1)
    await deliveries.declare([event(gone, later)])
    now = (await api.get("/v1/annexes/2016")).json()
    then = (await api.get("/v1/annexes/2016", as_of="2026-01-01T00:00:00Z")).json()
    assert (now["validated_months"], then["validated_months"]) == (8, 9)
    before = await api.get("/v1/annexes/2016", as_of="1969-12-31T00:00:00Z")
    assert before.status_code == 404


async def test_the_openapi_document_describes_what_is_answered(api: Api) -> None:
    document = (await api.get("/v1/openapi.json", None)).json()
    paths = document["paths"]
    schemas = document["components"]["schemas"]
    for path in ("/v1/annexes", "/v1/annexes/{annex_id}", "/v1/structures", "/v1/territories"):
        operation = paths[path]["get"]
        assert operation["summary"]
        assert operation["security"]
        answer = (await api.get(path.format(annex_id=2001))).json()
        reference = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        assert set(schemas[reference.rpartition("/")[2]]["properties"]) == set(answer)
    assert set(schemas["Annex"]["properties"]) == set(expected("annexes")[0])
    names = [parameter["name"] for parameter in paths["/v1/annexes"]["get"]["parameters"]]
    assert sorted(names) == sorted(
        ["year", "kind", "region", "department", "structure_id", "class", "page", "size", "as_of"]
    )
