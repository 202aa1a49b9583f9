"""Who sees what: the roles of Cadran, and the annexes that each may read.

Pure decisions over frozen values. A principal whose scope does not fit its role cannot exist.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.reference.departments import departments, regions

_SOURCE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_ID_LIMIT = 2**63


class Role(StrEnum):
    """The roles; the values are those of tokens and of the command line."""

    PUBLIC = "public"
    SIAE = "siae"
    CD = "cd"
    DDETS = "ddets"
    DREETS = "dreets"
    DGEFP = "dgefp"
    ASP = "asp"
    SOURCE = "source"
    OPERATOR = "operator"


class Reach(StrEnum):
    """How far a principal reads among the annexes."""

    NATION = "nation"
    DEPARTMENTS = "departments"
    STRUCTURES = "structures"
    NONE = "none"


SCOPE_FIELD = {
    Role.SIAE: "structures",
    Role.CD: "department",
    Role.DDETS: "department",
    Role.DREETS: "region",
    Role.SOURCE: "source",
}
_FIELD_NAMES = {
    "structures": "au moins une structure",
    "department": "un département",
    "region": "une région",
    "source": "une source",
}


class ScopeError(ValueError):
    """A scope that does not fit the role; `code` is stable, the message is in French."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks: a role and the one scope that this role needs.

    `department` is a code (`54`, `2A`, `972`), `region` a name as in the reference data,
    `structures` the ASP's structure ids, `source` the name of an upstream system.
    Raises `ScopeError` when the scope is missing, superfluous or unknown.
    """

    role: Role
    department: str | None = None
    region: str | None = None
    structures: frozenset[int] = frozenset()
    source: str | None = None

    def __post_init__(self) -> None:
        needed = SCOPE_FIELD.get(self.role)
        for field, words in _FIELD_NAMES.items():
            given = bool(getattr(self, field))
            if field == needed and not given:
                raise ScopeError("scope-missing", f"le rôle {self.role} demande {words}")
            if field != needed and given:
                raise ScopeError("scope-superfluous", f"le rôle {self.role} ne prend pas {words}")
        self._check_known()

    @property
    def described(self) -> str:
        """The role and its scope, as the access log names a reader: `cd 54`, `siae 101 105`."""
        scope = self.department or self.region or self.source
        words = [scope] if scope else [str(one) for one in sorted(self.structures)]
        return " ".join([self.role, *words])

    def _check_known(self) -> None:
        if self.department and self.department not in departments():
            raise ScopeError("department-unknown", "ce département n'existe pas")
        if self.region and self.region not in regions():
            raise ScopeError("region-unknown", "cette région n'existe pas")
        if not all(0 < structure < _ID_LIMIT for structure in self.structures):
            raise ScopeError(
                "structure-invalid", "un identifiant de structure est un nombre positif"
            )
        if self.source and not _SOURCE_NAME.fullmatch(self.source):
            raise ScopeError(
                "source-invalid",
                "le nom d'une source s'écrit en minuscules, chiffres et tirets",
            )


@dataclass(frozen=True, slots=True)
class AnnexScope:
    """The annexes that one may read: the nation's, some departments', some structures', or none.

    `departments` and `structures` are empty unless `reach` names them.
    """

    reach: Reach
    departments: frozenset[str] = frozenset()
    structures: frozenset[int] = frozenset()


def annex_filter(principal: Principal) -> AnnexScope:
    """The annexes that `principal` may read; none unless its role says otherwise."""
    match principal.role:
        case Role.DGEFP:
            return AnnexScope(Reach.NATION)
        case Role.DREETS if principal.region:
            return AnnexScope(Reach.DEPARTMENTS, departments=regions()[principal.region])
        case Role.CD | Role.DDETS if principal.department:
            return AnnexScope(Reach.DEPARTMENTS, departments=frozenset({principal.department}))
        case Role.SIAE:
            return AnnexScope(Reach.STRUCTURES, structures=principal.structures)
        case _:
            return AnnexScope(Reach.NONE)


def may_read(scope: AnnexScope, *, structure_id: int, department: str | None) -> bool:
    """Whether `scope` holds an annex of that structure in that department.

    `department` None is an annex whose department is unknown: only the nation and its own
    structure read it.
    """
    match scope.reach:
        case Reach.NATION:
            return True
        case Reach.DEPARTMENTS:
            return department in scope.departments
        case Reach.STRUCTURES:
            return structure_id in scope.structures
        case Reach.NONE:
            return False
