"""What aiokafka 0.14 lacks and our promises need; in force once `close_gaps` was called.

* A header *name* that is not UTF-8 makes its reader raise within the fetch, for ever: the partition
  would stop. Here such a name is read with U+FFFD, and the envelope refuses it.
* Its heartbeats do not say the instance id, so that of two processes with one slot name each would
  chase the other away for ever. Here they do (version 3), and the broker fences the older one.
"""

import struct
from collections.abc import Iterator
from typing import Any

import aiokafka.consumer.consumer as consumer_module
import aiokafka.consumer.fetcher as fetcher_module
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import CorruptRecordException
from aiokafka.protocol.api import Request, RequestStruct
from aiokafka.protocol.group import HeartbeatRequest, HeartbeatResponse_v1
from aiokafka.protocol.types import Int32, Schema, String
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

FENCED_INSTANCE_ID = 82
"""Kafka's error code: another process joined the group under this instance id."""

_LENGTH = struct.Struct(">i")
_LENGTH_AT, _OVERHEAD, _MAGIC_AT = 8, 12, 16


def close_gaps() -> None:
    """Every consumer built afterwards reads any header and says its instance id."""
    fetcher_module.MemoryRecords = TolerantRecords
    consumer_module.GroupCoordinator = StaticMember


class TolerantRecords:
    """The batches of one fetch, as aiokafka's `MemoryRecords` gives them."""

    def __init__(self, fetched: bytes) -> None:
        self._records = MemoryRecords(fetched)
        self._fetched = fetched
        self._at = 0

    def size_in_bytes(self) -> int:
        """Bytes fetched."""
        return len(self._fetched)

    def has_next(self) -> bool:
        """Is there another whole batch?"""
        return bool(self._records.has_next())

    def next_batch(self) -> Any:
        """The next batch; one of the old formats, which bear no header, is left as it is."""
        at = self._at
        (length,) = _LENGTH.unpack_from(self._fetched, at + _LENGTH_AT)
        self._at = at + _OVERHEAD + length
        batch = self._records.next_batch()
        if self._fetched[at + _MAGIC_AT] < 2:
            return batch
        return TolerantBatch(batch, memoryview(self._fetched)[at : self._at])


class TolerantBatch:
    """A batch whose records are read at full speed, and once more when a name is not UTF-8."""

    def __init__(self, batch: DefaultRecordBatch, raw: memoryview) -> None:
        self._batch = batch
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        try:
            return iter(list(self._batch))
        except (CorruptRecordException, UnicodeDecodeError):
            return iter(list(_AnyNameBatch(self._raw)))


class _AnyNameBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """aiokafka's reader in Python, over bytes whose text is decoded with U+FFFD."""

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer: bytearray = _Bytes(self._buffer)


class _Bytes(bytearray):
    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return _Bytes(found) if isinstance(index, slice) else found

    def decode(self, encoding: str = "utf-8", _errors: str = "strict") -> str:
        return super().decode(encoding, "replace")


class _Heartbeat(RequestStruct):  # type: ignore[misc]
    API_KEY = 12
    API_VERSION = 3
    RESPONSE_TYPE = HeartbeatResponse_v1
    """Version 3 answers as version 1 does."""
    SCHEMA = Schema(
        ("group", String("utf-8")),
        ("generation_id", Int32),
        ("member_id", String("utf-8")),
        ("group_instance_id", String("utf-8")),
    )


class StaticHeartbeat(Request[_Heartbeat]):  # type: ignore[misc]
    """A heartbeat that says the instance id."""

    API_KEY = 12

    def __init__(self, group: str, generation: int, member: str, instance: str) -> None:
        self._values = (group, generation, member, instance)

    def build(self, request_struct_class: type[_Heartbeat]) -> _Heartbeat:
        """The request of the one version that is spoken."""
        return request_struct_class(*self._values)


class StaticMember(GroupCoordinator):  # type: ignore[misc]
    """A member of a group; `fenced` once another process took its instance id."""

    fenced = False

    async def _send_req(self, request: Any) -> Any:
        if isinstance(request, HeartbeatRequest) and self._group_instance_id is not None:
            request = StaticHeartbeat(
                self.group_id, self.generation, self.member_id, self._group_instance_id
            )
        response = await super()._send_req(request)
        if getattr(response, "error_code", None) == FENCED_INSTANCE_ID:
            self.fenced = True
        return response
