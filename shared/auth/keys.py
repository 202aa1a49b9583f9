"""The pairs of Ed25519 keys that sign and verify tokens: secret files, made once.

Only what signs reads a signing key; a service needs verification keys alone. Machine clients have
a pair of their own: what signs their tokens cannot make a token of another role.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

from joserfc.jwk import OKPKey

from shared.settings import MissingSecretError


class KeyPair(NamedTuple):
    """The names of a pair's two files."""

    signing: str
    verification: str


TOKENS: Final = KeyPair("token-signing.pem", "token-verification.pem")
CLIENT_TOKENS: Final = KeyPair("client-signing.pem", "client-verification.pem")


def create_key_pairs(folder: Path) -> None:
    """Make the key files (mode 0600) in `folder`, which exists; those there are kept.

    A verification key without its signing key is another machine's: `FileExistsError`.
    """
    for pair in (TOKENS, CLIENT_TOKENS):
        signing, verification = folder / pair.signing, folder / pair.verification
        if not signing.exists():
            if verification.exists():
                raise FileExistsError(f"clé de vérification sans clé de signature : {verification}")
            _write_once(signing, OKPKey.generate_key("Ed25519").as_pem(private=True))
        if not verification.exists():
            _write_once(verification, load_signing_key(folder, pair).as_pem(private=False))


def load_signing_key(folder: Path, pair: KeyPair = TOKENS) -> OKPKey:
    """The private key of `folder`; `MissingSecretError` when it is not there."""
    return _load(folder / pair.signing)


def load_verification_key(folder: Path, pair: KeyPair = TOKENS) -> OKPKey:
    """The public key of `folder`; `MissingSecretError` when it is not there."""
    return _load(folder / pair.verification)


def _load(path: Path) -> OKPKey:
    if not path.is_file():
        raise MissingSecretError(f"secret absent : {path}")
    return OKPKey.import_key(path.read_bytes())


def _write_once(path: Path, content: bytes) -> None:
    """Whole or not at all: a reader never sees half a key, and a second writer changes nothing."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()
