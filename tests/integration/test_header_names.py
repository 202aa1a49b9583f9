"""A header whose *name* is not UTF-8: aiokafka's own reader would raise on it for ever."""

import asyncio
from typing import Any

import pytest
from aiokafka.producer import message_accumulator, producer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from shared.settings import ServiceSettings
from tests.homes import TestHome, wait_for_records
from tests.poison import Written, dead_letters, month_headers, month_value, sound, write


class AnyName(str):
    """A header's name whose bytes are not UTF-8, which only a foreign client would send."""

    __slots__ = ()

    def encode(self, *_arguments: Any) -> bytes:
        return b"x-\xff\xfe"


def test_it_is_one_dead_letter_and_its_neighbours_are_applied(
    home: TestHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (producer, message_accumulator):
        monkeypatch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
    home.start("etp-worker", "worker", "etp")
    poison = Written([*month_headers(9), (AnyName("x"), b"1")], month_value(9))
    asyncio.run(
        write(home.home.settings(ServiceSettings), [sound(0), sound(1), poison, sound(2), sound(3)])
    )
    counts = wait_for_records(home, 5)
    assert (counts["applied"], counts["rejected"]) == (4, 1)
    (letter,) = asyncio.run(dead_letters(home, "etp"))
    assert (letter["kind"], letter["record_offset"]) == ("bad_envelope", 2)
    assert letter["reason"] == "header name that is not UTF-8"
    home.cadran("accounts")
