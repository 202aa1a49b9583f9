"""Keyed hashes that stand for persons beyond ingest's door (docs/privacy.md)."""

import hashlib
from dataclasses import dataclass

from services.ingest.domain.nir import identity_of

PSEUDONYM_BYTES = 16


@dataclass(frozen=True, slots=True)
class PersonHash:
    """BLAKE2b keyed with a secret: the same person in two structures is two pseudonyms."""

    key: bytes

    @property
    def key_id(self) -> str:
        """What names the key in an event without revealing it."""
        return hashlib.sha256(b"cadran.person-hash\n" + self.key).hexdigest()[:16]

    def of_structure(self, structure_id: int, nir: str | None, person_id: int | None) -> str:
        """Pseudonym of a person within a structure: of the NIR when it identifies, else of the
        ASP's person id. `ValueError` when neither tells who it is."""
        identity = identity_of(nir)
        if identity is not None:
            return self.of_identity(structure_id, identity)
        if person_id is None:
            raise ValueError("neither a NIR that identifies nor a person id")
        return self._hash(f"structure\n{structure_id}\nperson\n{person_id}")

    def of_identity(self, structure_id: int, identity: str) -> str:
        """Pseudonym within a structure of a person told by the identifying part of a NIR."""
        return self._hash(f"structure\n{structure_id}\nnir\n{identity}")

    def of_annex(self, annex_id: int, person_id: int) -> str:
        """Pseudonym of a line's person who has no contract, within an annex."""
        return self._hash(f"annex\n{annex_id}\n{person_id}")

    def _hash(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), key=self.key, digest_size=PSEUDONYM_BYTES).hexdigest()
