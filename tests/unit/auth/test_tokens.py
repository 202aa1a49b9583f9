"""Tokens: what is signed comes back, and every forged or stale one is refused."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from shared.auth.keys import create_key_pairs, load_signing_key, load_verification_key
from shared.auth.roles import Principal, Role
from shared.auth.tokens import AUDIENCE, ISSUER, TokenError, sign, verify
from shared.settings import MissingSecretError

KEY = OKPKey.generate_key("Ed25519")
PUBLIC_KEY = OKPKey.import_key(KEY.as_pem(private=False))
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
CD = Principal(Role.CD, department="2A")


def claims(**changes: Any) -> dict[str, Any]:
    issued = int(NOW.timestamp())
    full = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + 600,
        "jti": "1",
        "role": "cd",
        "scope": {"department": "54"},
    }
    return {name: value for name, value in {**full, **changes}.items() if value is not None}


def forged(**changes: Any) -> str:
    """A token under the right key with claims of our choice."""
    return jwt.encode({"alg": "Ed25519"}, claims(**changes), KEY, algorithms=["Ed25519"])


def refusal(token: str, now: datetime = NOW, key: OKPKey = PUBLIC_KEY) -> str:
    with pytest.raises(TokenError) as refused:
        verify(token, key, now)
    return refused.value.code


@pytest.mark.parametrize(
    "principal",
    [
        Principal(Role.PUBLIC),
        Principal(Role.SIAE, structures=frozenset({2, 4_013})),
        CD,
        Principal(Role.DDETS, department="972"),
        Principal(Role.DREETS, region="Provence-Alpes-Côte d'Azur"),
        Principal(Role.DGEFP),
        Principal(Role.ASP),
        Principal(Role.SOURCE, source="editeur-1"),
        Principal(Role.OPERATOR),
    ],
)
def test_round_trip(principal: Principal) -> None:
    assert verify(sign(principal, KEY, NOW), PUBLIC_KEY, NOW) == principal


def test_two_tokens_of_one_second_differ() -> None:
    assert sign(CD, KEY, NOW) != sign(CD, KEY, NOW)


def test_it_lasts_an_hour_and_thirty_seconds_of_leeway() -> None:
    token = sign(CD, KEY, NOW)
    assert verify(token, PUBLIC_KEY, NOW + HOUR + 29 * SECOND) == CD
    assert refusal(token, NOW + HOUR + 30 * SECOND) == "token-expired"
    assert verify(token, PUBLIC_KEY, NOW - 30 * SECOND) == CD
    assert refusal(token, NOW - 31 * SECOND) == "token-invalid"


def test_another_key_is_refused() -> None:
    assert refusal(sign(CD, OKPKey.generate_key("Ed25519"), NOW)) == "token-invalid"


def test_a_changed_payload_is_refused() -> None:
    head, payload, signature = sign(CD, KEY, NOW).split(".")
    content = json.loads(base64.urlsafe_b64decode(payload + "=="))
    content["scope"] = {"department": "54"}
    other = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    assert refusal(f"{head}.{other}.{signature}") == "token-invalid"


def test_algorithm_none_and_the_public_key_as_a_shared_secret_are_refused() -> None:
    def part(content: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    assert refusal(f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}.") == "token-invalid"
    secret = OctKey.import_key(base64.urlsafe_b64encode(PUBLIC_KEY.as_pem(private=False)).decode())
    confused = jwt.encode({"alg": "HS256"}, claims(), secret)
    assert refusal(confused) == "token-invalid"


def test_a_lifetime_over_a_day_is_neither_signed_nor_accepted() -> None:
    day = timedelta(hours=24)
    assert verify(sign(CD, KEY, NOW, day), PUBLIC_KEY, NOW) == CD
    for lifetime in (day + SECOND, timedelta(0), -HOUR):
        with pytest.raises(ValueError, match="24 heures"):
            sign(CD, KEY, NOW, lifetime)
    issued = int(NOW.timestamp())
    assert refusal(forged(exp=issued + 86_401)) == "token-too-long-lived"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "other"},
        {"aud": "other"},
        {"iss": None},
        {"aud": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": None},
        {"jti": None},
        {"role": None},
        {"role": "king"},
        {"role": ["cd"]},
        {"scope": None},
        {"scope": "54"},
        {"scope": {}},
        {"scope": {"department": 54}},
        {"scope": {"department": "00"}},
        {"scope": {"region": "Grand Est"}},
        {"scope": {"department": "54", "commune": "1"}},
        {"scope": {"department": "54", "structures": [1]}},
        {"role": "siae", "scope": {"structures": ["1"]}},
        {"role": "siae", "scope": {"structures": [True]}},
        {"role": "siae", "scope": {"structures": 1}},
    ],
)
def test_a_claim_out_of_place_is_refused_under_the_right_key(changes: dict[str, Any]) -> None:
    assert refusal(forged(**changes)) == "token-invalid"


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "é.é.é", "x" * 9_000, "..", "null"])
def test_garbage_is_refused(token: str) -> None:
    assert refusal(token) == "token-invalid"


def test_keys_are_made_once_with_private_modes(tmp_path: Path) -> None:
    create_key_pairs(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    create_key_pairs(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert sorted(before) == [
        "client-signing.pem",
        "client-verification.pem",
        "token-signing.pem",
        "token-verification.pem",
    ]
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    public = load_verification_key(tmp_path)
    assert not public.is_private
    assert verify(sign(CD, load_signing_key(tmp_path), NOW), public, NOW) == CD


def test_an_interrupted_creation_is_completed_and_a_foreign_key_kept(tmp_path: Path) -> None:
    create_key_pairs(tmp_path)
    public = tmp_path / "token-verification.pem"
    content = public.read_bytes()
    public.unlink()
    create_key_pairs(tmp_path)
    assert public.read_bytes() == content
    (tmp_path / "token-signing.pem").unlink()
    with pytest.raises(FileExistsError):
        create_key_pairs(tmp_path)
    with pytest.raises(MissingSecretError):
        load_signing_key(tmp_path)
