"""Bars of the benchmarks: which way they go, and what is only reported."""

import asyncio

from tests.benchmarks.measures import alternate, judge


def test_a_speed_holds_at_its_bar_and_above() -> None:
    one = judge("speed", "at least", 0.5, [4.0, 2.0, 3.0], [1.5, 1.0, 9.0])
    assert (one.value, one.baseline, one.ratio, one.holds) == (3.0, 1.5, 0.5, True)
    assert (one.n, one.min, one.median, one.max) == (3, 2.0, 3.0, 4.0)
    assert not judge("speed", "at least", 0.51, [3.0], [1.5]).holds


def test_a_cost_holds_at_its_bar_and_below() -> None:
    assert judge("cost", "at most", 2.0, [3.0], [1.5]).holds
    assert judge("cost", "at most", 2.0, [3.0], [1.5]).ratio == 2.0
    assert not judge("cost", "at most", 1.99, [3.0], [1.5]).holds


def test_without_a_bar_all_holds() -> None:
    assert judge("told", "at most", None, [9.0], [1.0]).holds


def test_rounds_alternate_and_each_begins_with_the_other() -> None:
    order: list[str] = []

    async def work(name: str) -> float:
        order.append(name)
        return float(len(order))

    samples = asyncio.run(alternate("t", 3, lambda: work("ours"), lambda: work("raw")))
    assert order == ["raw", "ours", "ours", "raw", "raw", "ours"]
    assert samples == ([2.0, 3.0, 6.0], [1.0, 4.0, 5.0])
