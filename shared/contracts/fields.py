"""Types of the fields of declarations, shared by every contract."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints


class Contract(BaseModel):
    """Base of every event's data. Consumers ignore unknown fields; producers forbid them
    (`validate(…, extra="forbid")`)."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Id = Annotated[int, Field(strict=True, ge=0, lt=10**18, description="Identifier of the ASP")]
"""An identifier of the ASP: digits only, at most 18 of them."""

Count = Annotated[int, Field(strict=True, ge=0, lt=10**9)]
Year = Annotated[int, Field(strict=True, ge=0, le=9999, description="Civil year")]
Month = Annotated[int, Field(strict=True, ge=1, le=12)]

DECIMAL_PATTERN = r"^[0-9]{1,18}(\.[0-9]{1,30})?$"

DecimalText = Annotated[
    str,
    StringConstraints(pattern=DECIMAL_PATTERN),
    Field(description="A decimal number, not negative, as text: exact wherever it is read"),
]

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=20_000)]
Code = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", min_length=1, max_length=20_000)]
Pseudonym = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{32}$"),
    Field(description="Keyed hash that stands for a person; the key never leaves ingest"),
]
Day = Annotated[date, Field(description="Civil date in Europe/Paris")]
