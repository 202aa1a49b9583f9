"""No float slips into a decimal while the modulation computes."""

from collections.abc import Iterator
from decimal import FloatOperation, localcontext

import pytest


@pytest.fixture(autouse=True)
def no_float_in_decimals() -> Iterator[None]:
    with localcontext() as context:
        context.traps[FloatOperation] = True
        yield
