"""The NIR (numéro d'inscription au répertoire): what of it identifies a person, and its key.

Its value never leaves ingest: see `pseudonyms`.
"""

import re
from typing import Final

_FORM: Final = re.compile(r"[0-9AB]{13}(?:[0-9AB]{2})?")
_NUMBER: Final = re.compile(r"[0-9]{5}(?:[0-9]{2}|2A|2B)[0-9]{6}")
_CORSICA: Final = {"2A": "19", "2B": "18"}
_IDENTIFYING: Final = 13


def identity_of(nir: str | None) -> str | None:
    """The first 13 characters, in capitals without spaces, of a NIR that identifies a person.

    It does when it has 13 or 15 characters `0-9AB` and is not one character repeated (feed rule
    *Person*). A wrong key does not make another person.
    """
    text = _compact(nir)
    if _FORM.fullmatch(text) is None or len(set(text)) == 1:
        return None
    return text[:_IDENTIFYING]


def has_wrong_key(nir: str | None) -> bool:
    """Whether a NIR of 15 characters that identifies bears another key than 97 − (number mod 97).

    Corsican departments `2A` and `2B` count as 19 and 18 (INSEE). Without key nothing is wrong.
    """
    text = _compact(nir)
    if len(text) != 15 or identity_of(text) is None:
        return False
    number, key = text[:_IDENTIFYING], text[_IDENTIFYING:]
    if _NUMBER.fullmatch(number) is None or not key.isdigit():
        return True
    department = number[5:7]
    digits = number[:5] + _CORSICA.get(department, department) + number[7:]
    return int(key) != 97 - int(digits) % 97


def _compact(nir: str | None) -> str:
    return "".join((nir or "").split()).upper()
