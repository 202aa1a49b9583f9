"""Dead letters published again, once what refused them is mended."""

from shared.database.dead_letters import mark_replayed, read_letter
from shared.database.outbox import OutboxRow, write_outbox
from shared.database.types import Connection
from shared.kafka.cluster import read_record
from shared.settings import ServiceSettings


class ReplayRefusedError(RuntimeError):
    """Nothing was published; `code` is stable, the message is in French.

    Codes: `dead-letter-unknown`, `record-gone`, `record-never-readable`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


async def replay(connection: Connection, settings: ServiceSettings, identifier: int) -> int:
    """Hand the record to the outbox as it lies in the log; how many times that was done by now.

    Its effect is once, whatever the number of replays: id and revision are the record's own.
    """
    letter = await read_letter(connection, identifier)
    if letter is None:
        raise ReplayRefusedError("dead-letter-unknown", f"enregistrement inconnu : {identifier}")
    record = await read_record(settings, letter["topic"], letter["partition"], letter["offset"])
    if record is None:
        raise ReplayRefusedError("record-gone", "l'enregistrement n'est plus dans le journal")
    try:
        headers = {name: _text(value) for name, value in record.headers}
        key = _text(record.key or b"")
    except ValueError:
        raise ReplayRefusedError(
            "record-never-readable",
            "un en-tête est vide, ou un en-tête ou la clé n'est pas en UTF-8 : rien à rejouer",
        ) from None
    async with connection.transaction():
        await write_outbox(connection, [OutboxRow(letter["topic"], key, headers, record.value)])
        return await mark_replayed(connection, identifier)


def _text(value: bytes | None) -> str:
    """`ValueError` for what no release will ever read."""
    if value is None:
        raise ValueError
    return value.decode("utf-8")
