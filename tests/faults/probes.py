"""What the probes of a process say."""

import json
import urllib.error
import urllib.request

from tests.faults.flows import wait_until
from tests.homes import TestHome


def readiness(address: str) -> str:
    """What `/readyz` complains of; empty when all is well."""
    return _complaint(f"{address}/readyz")


def wait_unready(home: TestHome, name: str, reason: str) -> None:
    """Wait until process `name` says that it cannot work, for `reason`."""
    address = home.address(name)
    wait_until(lambda: reason in readiness(address), f"{name} does not say: {reason}")


def liveness(address: str) -> str:
    """What `/livez` complains of; empty when all is well."""
    return _complaint(f"{address}/livez")


def metric(address: str, name: str) -> float:
    """The sum of a metric over its labels."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:  # noqa: S310
        lines = answer.read().decode().splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{name}{{"))


def _complaint(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=10):  # noqa: S310
            return ""
    except urllib.error.HTTPError as error:
        return str(json.loads(error.read())["detail"])
    except OSError as error:
        return f"no answer: {type(error).__name__}"
