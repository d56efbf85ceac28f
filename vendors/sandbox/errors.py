"""What can be wrong with the input of someone who drives the sandbox."""


class BadInput(ValueError):
    """A setting, fault or life that won't do.

    Attributes:
        field: the name of what was wrong, as it was sent.
        expected: what would have been right, in words.
    """

    def __init__(self, field: str, expected: str) -> None:
        super().__init__(f"{field}: {expected}")
        self.field = field
        self.expected = expected
