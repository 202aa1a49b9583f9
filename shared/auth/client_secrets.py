"""Secrets of machine clients: made once, shown once, kept only as a salted scrypt hash."""

import hashlib
import hmac
import secrets
from typing import Final

_COST: Final = {"n": 2**14, "r": 8, "p": 1}
"""About 50 ms and 16 MB a check (RFC 7914)."""
_BYTES: Final = 32
LONGEST_SECRET: Final = 200
"""Characters: ours have 43; more is not worth a hash."""


def new_secret() -> str:
    """256 random bits, as text that a URL or a form bears unchanged."""
    return secrets.token_urlsafe(_BYTES)


def hash_secret(secret: str) -> str:
    """`salt:hash`, hexadecimal, with a salt of its own."""
    return _hash(secret, secrets.token_bytes(16))


def matches(secret: str, kept: str | None) -> bool:
    """Whether `secret` is the one behind `kept`; as long to say when nothing is kept."""
    salt = bytes.fromhex(kept.partition(":")[0]) if kept else bytes(16)
    found = _hash(secret[:LONGEST_SECRET], salt)
    return hmac.compare_digest(found, kept or "") and len(secret) <= LONGEST_SECRET


def _hash(secret: str, salt: bytes) -> str:
    digest = hashlib.scrypt(
        secret.encode("utf-8", "surrogatepass"), salt=salt, dklen=_BYTES, **_COST
    )
    return f"{salt.hex()}:{digest.hex()}"
