"""Refusals of an operation, in words fit for the person at the screen."""

from collections.abc import Mapping


class OperationNotAllowed(Exception):
    """The operation can't be done as things stand, and nothing was changed.

    Attributes:
        text: what stands against it and what would help, for a person.
        code: a stable word for programs.
    """

    def __init__(self, text: str, *, code: str = "not_allowed") -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class SupplierUnavailable(OperationNotAllowed):
    """The supplier was asked while the person waited, and gave no usable answer."""


class InvalidInput(Exception):
    """Something that was entered won't do; each field says what would be right.

    Attributes:
        errors: field name, with dots and numbers for nested ones
            (`lines.0.quantity`), to one sentence.
    """

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = dict(errors)

    @property
    def text(self) -> str:
        return " ".join(self.errors.values())
