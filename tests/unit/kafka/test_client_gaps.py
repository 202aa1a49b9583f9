"""What aiokafka lacks: records are read as it reads them, but for a name that is not UTF-8."""

import struct
from typing import Any

import pytest
from aiokafka.protocol.group import HeartbeatRequest
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from aiokafka.record.memory_records import MemoryRecords

from shared.kafka.client_gaps import FENCED_INSTANCE_ID, StaticMember, TolerantRecords

NONE, GZIP, ZSTD = 0, 1, 4


class AnyName(str):
    """A name whose bytes are not UTF-8."""

    __slots__ = ()

    def encode(self, *_arguments: Any) -> bytes:
        return b"\xff\xfe"


def batch(first: int, names: list[str], compression: int) -> bytes:
    """A batch of one record a name, as a broker stores it."""
    builder = _DefaultRecordBatchBuilderPy(2, compression, 0, -1, -1, -1, 10_000)
    for number, name in enumerate(names):
        headers = [(name, b"x"), ("null", None)]
        builder.append(number, timestamp=7, key=b"k", value=b"v", headers=headers)
    data = bytearray(builder.build())
    struct.pack_into(">q", data, 0, first)
    return bytes(data)


def read(records: Any) -> list[tuple[int, bytes, list[tuple[str, bytes | None]]]]:
    """Every record, after the checks that the fetcher makes."""
    found = []
    while records.has_next():
        following = records.next_batch()
        assert following.validate_crc()
        assert not following.is_control_batch
        found += [(record.offset, record.value, list(record.headers)) for record in following]
    return found


@pytest.mark.parametrize("compression", [NONE, GZIP, ZSTD])
def test_records_are_those_of_aiokafka(compression: int) -> None:
    fetched = batch(0, ["a", "é"], compression) + batch(2, ["b"], compression) + b"a piece of next"
    assert read(TolerantRecords(fetched)) == read(MemoryRecords(fetched))
    assert TolerantRecords(fetched).size_in_bytes() == len(fetched)


@pytest.mark.parametrize("compression", [NONE, GZIP, ZSTD])
def test_a_name_that_is_not_utf8_is_shown_and_its_neighbours_are_read(compression: int) -> None:
    fetched = batch(0, ["a"], compression) + batch(1, ["a", AnyName("b"), "c"], compression)
    with pytest.raises(UnicodeDecodeError):
        read(MemoryRecords(fetched))
    names = [headers[0][0] for _, _, headers in read(TolerantRecords(fetched))]
    assert names == ["a", "a", "\ufffd\ufffd", "c"]


class Answer:
    """A heartbeat's answer."""

    def __init__(self, error_code: int) -> None:
        self.error_code = error_code


class Client:
    """Notes the requests, and answers each with one error code."""

    def __init__(self, error_code: int) -> None:
        self.error_code = error_code
        self.requests: list[Any] = []

    async def send(self, _node: int, request: Any, **_options: Any) -> Answer:
        self.requests.append(request.prepare({12: (0, 4)}))
        return Answer(self.error_code)


async def heartbeat(instance: str | None, error_code: int) -> tuple[Any, StaticMember]:
    """The heartbeat that a member sends, and the member after the answer."""
    member = StaticMember.__new__(StaticMember)
    member._client = Client(error_code)
    member.coordinator_id, member.group_id, member.member_id = 1, "g", "m"
    member.generation, member._group_instance_id = 3, instance
    await member._send_req(HeartbeatRequest("g", 3, "m"))
    return member._client.requests[0], member


async def test_a_static_member_says_its_instance_id() -> None:
    request, member = await heartbeat("etp-0", 0)
    assert request.API_VERSION == 3
    assert request.encode() == HeartbeatRequest("g", 3, "m").prepare({12: (0, 1)}).encode() + (
        b"\x00\x05etp-0"
    )
    assert not member.fenced


async def test_a_member_whose_instance_id_was_taken_knows_it() -> None:
    _, member = await heartbeat("etp-0", FENCED_INSTANCE_ID)
    assert member.fenced


async def test_a_member_without_an_instance_id_beats_as_before() -> None:
    request, _ = await heartbeat(None, 0)
    assert request.API_VERSION == 1
