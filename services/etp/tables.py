"""Tables of `etp`. Every revision of a document is a row of its own; what combines documents is
SQL over them (`migrations/sql/`). A test compares these definitions with the migrations.

`rsa_amounts` of an annex version is what its event says, amounts as texts."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.database.documents import (
    financial_annex_version_table,
    revision_columns,
    structure_table,
)
from shared.database.tables import (
    access_log_table,
    consumer_position_table,
    dead_letter_table,
    outbox_table,
)

RECORDS: Final = "etp"
PROJECTION: Final = "etp_projection"


def _monthly_state(metadata: MetaData, schema: str) -> Table:
    """Revisions of monthly states: figures of the lines that count, and all lines as arrays of
    one length. `asp_*` are those of the lines that count and bear the ASP's own figure. Of a
    withdrawn revision all that is null.

    The key carries the figures, so that figures never read the rows with their arrays.
    """
    return Table(
        "monthly_state",
        metadata,
        Column("annex_id", BigInteger),
        Column("year", SmallInteger),
        Column("month", SmallInteger),
        *revision_columns(),
        Column("state", Text),
        Column("mixed_states", Boolean),
        Column("lines", Integer),
        Column("hours", Numeric),
        Column("line_ids", ARRAY(BigInteger)),
        Column("line_versions", ARRAY(Integer)),
        Column("line_states", ARRAY(Text)),
        *(Column(name, ARRAY(Numeric)) for name in ("line_hours", "line_asp_etp")),
        Column("line_contracts", ARRAY(BigInteger)),
        Column("line_persons", ARRAY(Text)),
        Column("asp_lines", Integer),
        *(Column(name, Numeric) for name in ("asp_hours", "asp_etp")),
        PrimaryKeyConstraint(
            *("annex_id", "year", "month", "source", "revision"),
            postgresql_include=["rank", "withdrawn", "state", "mixed_states", "lines", "hours"],
        ),
        schema=schema,
    )


def _employment_rsa(metadata: MetaData, schema: str) -> Table:
    """Revisions of the RSA status of contracts (`NON`, `OUI-M`, `OUI-NM`, null when unknown), and
    nothing else of employments. A withdrawn revision has nulls."""
    return Table(
        "employment_rsa",
        metadata,
        Column("contract_id", BigInteger),
        *revision_columns(),
        Column("structure_id", BigInteger),
        Column("rsa", Text),
        PrimaryKeyConstraint("contract_id", "source", "revision"),
        schema=schema,
    )


def _all_tables() -> MetaData:
    metadata = MetaData()
    outbox_table(metadata, RECORDS)
    dead_letter_table(metadata, RECORDS)
    access_log_table(metadata, RECORDS)
    consumer_position_table(metadata, PROJECTION)
    structure_table(metadata, PROJECTION)
    financial_annex_version_table(metadata, PROJECTION, Column("rsa_amounts", JSONB))
    _monthly_state(metadata, PROJECTION)
    _employment_rsa(metadata, PROJECTION)
    return metadata


METADATA: Final = _all_tables()
