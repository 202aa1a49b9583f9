"""Random streams that depend on nothing but the seed and their name."""

from random import Random


def stream(seed: int, *names: object) -> Random:
    """A generator of its own for (seed, names): the same on every machine and in every order.

    `Random` hashes a text seed with SHA-512, so `PYTHONHASHSEED` changes nothing.
    """
    return Random(":".join(str(part) for part in (seed, *names)))  # noqa: S311 not a secret


def chance(rng: Random, one_in: int) -> bool:
    """True once in `one_in` draws, on average."""
    return rng.random() * one_in < 1
