"""Deliveries refused whole, counted by code whichever door brought them."""

from shared.database.types import Connection


async def count_refusal(connection: Connection, door: str, code: str) -> None:
    """One more; what is refused leaves no other trace."""
    await connection.execute(
        "INSERT INTO refusal (door, code, count) VALUES ($1, $2, 1)"
        " ON CONFLICT (door, code) DO UPDATE SET count = refusal.count + 1",
        door,
        code,
    )


async def refusal_counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many, by door and code."""
    rows = await connection.fetch("SELECT door, code, count FROM refusal")
    return {(row[0], row[1]): row[2] for row in rows}
