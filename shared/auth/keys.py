"""The pair of Ed25519 keys that signs and verifies tokens: two secret files, made once.

Only what signs reads `token-signing.pem`; a service needs `token-verification.pem` alone.
"""

import os
from pathlib import Path

from joserfc.jwk import OKPKey

from shared.settings import MissingSecretError

SIGNING_FILE = "token-signing.pem"
VERIFICATION_FILE = "token-verification.pem"


def create_key_pair(folder: Path) -> None:
    """Make the two key files (mode 0600) in `folder`, which exists; those there are kept.

    A verification key without its signing key is another machine's: `FileExistsError`.
    """
    signing, verification = folder / SIGNING_FILE, folder / VERIFICATION_FILE
    if not signing.exists():
        if verification.exists():
            raise FileExistsError(f"clé de vérification sans clé de signature : {verification}")
        _write_once(signing, OKPKey.generate_key("Ed25519").as_pem(private=True))
    if not verification.exists():
        _write_once(verification, load_signing_key(folder).as_pem(private=False))


def load_signing_key(folder: Path) -> OKPKey:
    """The private key of `folder`; `MissingSecretError` when it is not there."""
    return _load(folder / SIGNING_FILE)


def load_verification_key(folder: Path) -> OKPKey:
    """The public key of `folder`; `MissingSecretError` when it is not there."""
    return _load(folder / VERIFICATION_FILE)


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
