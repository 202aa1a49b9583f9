"""Why a delivery is refused whole: one error, a stable code, a sentence in French."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DeliveryRefused(Exception):  # noqa: N818 - the outcome's name, as the field says it
    """The delivery is refused and nothing of it is kept.

    `code` is stable and kebab-case, `message` is French, `file` the name of the faulty file
    (empty when the fault is the whole delivery's).
    """

    code: str
    message: str
    file: str = ""

    def __str__(self) -> str:
        """`file : message`"""
        return f"{self.file} : {self.message}" if self.file else self.message
