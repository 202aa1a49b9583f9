"""Who sees what: scopes that fit their role, and annexes that stay inside a scope."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.auth.roles import (
    SCOPE_FIELD,
    AnnexScope,
    Principal,
    Reach,
    Role,
    ScopeError,
    annex_filter,
    may_read,
)
from shared.reference.departments import departments, region_of, regions

CODES = st.sampled_from(sorted(departments()))
IDS = st.integers(1, 9_999)
SCOPES: dict[str, st.SearchStrategy[object]] = {
    "department": CODES,
    "region": st.sampled_from(sorted(regions())),
    "structures": st.frozensets(IDS, min_size=1, max_size=5),
    "source": st.sampled_from(["asp", "editeur-1"]),
}


@st.composite
def principals(draw: st.DrawFn) -> Principal:
    role = draw(st.sampled_from(Role))
    field = SCOPE_FIELD.get(role)
    values: dict[str, object] = {field: draw(SCOPES[field])} if field else {}
    return Principal(role, **values)  # type: ignore[arg-type]


@given(principals(), IDS, st.none() | CODES)
def test_nobody_reads_outside_the_scope(
    principal: Principal, structure_id: int, department: str | None
) -> None:
    read = may_read(annex_filter(principal), structure_id=structure_id, department=department)
    region = region_of(department) if department else None
    expected = {
        Role.DGEFP: True,
        Role.DREETS: region is not None and region == principal.region,
        Role.CD: department is not None and department == principal.department,
        Role.DDETS: department is not None and department == principal.department,
        Role.SIAE: structure_id in principal.structures,
    }
    assert read == expected.get(principal.role, False)


@given(principals())
def test_every_scope_reaches_what_it_names(principal: Principal) -> None:
    scope = annex_filter(principal)
    for code in scope.departments:
        assert may_read(scope, structure_id=1, department=code)
    for structure in scope.structures:
        assert may_read(scope, structure_id=structure, department=None)
    assert bool(scope.departments) == (scope.reach is Reach.DEPARTMENTS)
    assert bool(scope.structures) == (scope.reach is Reach.STRUCTURES)


def test_roles_without_annexes_reach_none() -> None:
    for role in (Role.PUBLIC, Role.ASP, Role.OPERATOR):
        assert annex_filter(Principal(role)) == AnnexScope(Reach.NONE)
    assert annex_filter(Principal(Role.SOURCE, source="editeur")) == AnnexScope(Reach.NONE)


def test_an_unknown_department_belongs_to_the_nation_and_its_structure_alone() -> None:
    assert may_read(annex_filter(Principal(Role.DGEFP)), structure_id=1, department=None)
    siae = annex_filter(Principal(Role.SIAE, structures=frozenset({1})))
    assert may_read(siae, structure_id=1, department=None)
    cd = annex_filter(Principal(Role.CD, department="54"))
    assert not may_read(cd, structure_id=1, department=None)


@pytest.mark.parametrize("role", list(Role))
def test_a_missing_or_superfluous_scope_is_refused(role: Role) -> None:
    values: dict[str, object] = {
        "department": "54",
        "region": "Grand Est",
        "structures": frozenset({1}),
        "source": "asp",
    }
    field = SCOPE_FIELD.get(role)
    if field:
        with pytest.raises(ScopeError, match="demande") as missing:
            Principal(role)
        assert missing.value.code == "scope-missing"
        assert Principal(role, **{field: values[field]}).role is role  # type: ignore[arg-type]
    for other in values.keys() - {field}:
        given_scope = {name: values[name] for name in {field, other} if name}
        with pytest.raises(ScopeError) as superfluous:
            Principal(role, **given_scope)  # type: ignore[arg-type]
        assert superfluous.value.code == "scope-superfluous"


@pytest.mark.parametrize(
    ("role", "values", "code"),
    [
        (Role.CD, {"department": "00"}, "department-unknown"),
        (Role.CD, {"department": "1"}, "department-unknown"),
        (Role.DREETS, {"region": "Lorraine"}, "region-unknown"),
        (Role.SIAE, {"structures": frozenset({0})}, "structure-invalid"),
        (Role.SIAE, {"structures": frozenset({2**63})}, "structure-invalid"),
        (Role.SOURCE, {"source": "Éditeur 1"}, "source-invalid"),
    ],
)
def test_an_unknown_scope_is_refused(role: Role, values: dict[str, object], code: str) -> None:
    with pytest.raises(ScopeError) as refused:
        Principal(role, **values)  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("principal", "described"),
    [
        (Principal(Role.DGEFP), "dgefp"),
        (Principal(Role.CD, department="54"), "cd 54"),
        (Principal(Role.DREETS, region="Grand Est"), "dreets Grand Est"),
        (Principal(Role.SIAE, structures=frozenset({105, 101})), "siae 101 105"),
        (Principal(Role.SOURCE, source="asp"), "source asp"),
    ],
)
def test_a_reader_is_named_by_role_and_scope(principal: Principal, described: str) -> None:
    assert principal.described == described
