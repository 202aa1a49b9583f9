"""What names a person is kept as `***` in a refused record: nobody knows what it holds.

A record that conforms to its contract bears no such value; this is for those that do not. The
members' names are those of the feed's views and the usual ones; the shape of a NIR is INSEE's
(sex, year, month, department, municipality, order, and its key).
"""

import re
from typing import Final

MASK: Final = b"***"

_NAMES: Final = (
    rb"nir|numero_secu|nom|nom_usage|nom_naissance|prenoms?|first_name|last_name|birth_?date"
    rb"|date_naissance|adresse|address|adresse_mail|e?mail|telephone|phone"
)
_MEMBER: Final = re.compile(
    rb'(?i)("(?:[a-z_]*_)?(?:' + _NAMES + rb')"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,\]}"]+)'
)
_NIR: Final = re.compile(
    rb"(?<![0-9])[12] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2[ABab]) ?[0-9]{3} ?[0-9]{3}(?: ?[0-9]{2})?"
    rb"(?![0-9])"
)


def masked(content: bytes) -> bytes:
    """`content`, JSON or not, cut or whole, with `***` for the values of members that name a
    person, and for whatever is shaped like a NIR."""
    return _NIR.sub(MASK, _MEMBER.sub(rb'\1"***"', content))
