"""What a row of the modulation is: (structure, kind, regime), and the group that it belongs to."""

from types import MappingProxyType
from typing import Final, NamedTuple

CRITERIA: Final = (1, 2, 3)
"""*Public*, *effort d'insertion*, *résultats*: the order of every triple of this domain."""


class Row(NamedTuple):
    """A SIAE as the modulation counts it: `kind` as `ACI`, `regime` `DC` or `MP`."""

    structure_id: int
    kind: str
    regime: str

    @property
    def type(self) -> str | None:
        """The type whose rows are compared (`ACI`, `ACI_MP`); None when no modulated part was
        found for it (EITI, *contrats passerelles*, MP of other kinds): in no group (own reading).
        """
        return _TYPES.get((self.kind, self.regime))


TYPES: Final = ("ACI", "AI", "EI", "ETTI", "ACI_MP", "EI_MP")
"""Types of a group, as columns bear them; MP sites have groups of their own."""

FLAT_TYPES: Final = frozenset({"ACI_MP", "EI_MP"})
"""Types whose rows are never compared: a flat part (yearly arrêtés)."""

_TYPES: Final = MappingProxyType(
    {(type_.removesuffix("_MP"), "MP" if type_ in FLAT_TYPES else "DC"): type_ for type_ in TYPES}
)
