"""Why a delivery is refused whole: one error, a stable code, a sentence in French."""


class DeliveryRefused(Exception):  # noqa: N818 - a decision, not a fault
    """The delivery is refused and nothing of it is kept.

    `code` is stable and kebab-case, `message` is French, `file` the name of the faulty file
    (empty when the fault is the whole delivery's).
    """

    def __init__(self, code: str, message: str, file: str = "") -> None:
        super().__init__(f"{file} : {message}" if file else message)
        self.code = code
        self.message = message
        self.file = file
