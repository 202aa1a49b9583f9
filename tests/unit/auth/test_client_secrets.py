"""Secrets of machine clients: kept as hashes, checked in the same way whether known or not."""

from shared.auth.client_secrets import LONGEST_SECRET, hash_secret, matches, new_secret


def test_a_secret_matches_its_own_hash_alone() -> None:
    secret, other = new_secret(), new_secret()
    kept = hash_secret(secret)
    assert matches(secret, kept)
    assert not matches(other, kept)
    assert not matches("", kept)
    assert not matches(secret + "x", kept)


def test_the_secret_cannot_be_read_from_what_is_kept() -> None:
    secret = new_secret()
    assert secret not in hash_secret(secret)
    assert hash_secret(secret) != hash_secret(secret)


def test_nothing_matches_an_unknown_client() -> None:
    assert not matches("", None)
    assert not matches(new_secret(), None)


def test_an_endless_or_odd_secret_is_refused() -> None:
    long = "x" * (LONGEST_SECRET + 1)
    assert not matches(long, hash_secret(long[:LONGEST_SECRET]))
    assert not matches("\ud800", hash_secret("x"))
