"""Reading a body as ASP.NET Core would: all complaints at once, each under its field.

Members GKS does not know are ignored, so a misspelt one counts as missing. That types
are checked this strictly is the project's own assumption.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from vendors.sandbox import jsontext
from vendors.sandbox.messages import Refusal, Request
from vendors.sandbox.simutek.problems import invalid, problem


class Fields:
    """The members of one JSON object, and the list of complaints about the body."""

    def __init__(
        self, sent: Any, where: str = "", errors: dict[str, list[str]] | None = None
    ) -> None:
        self.errors: dict[str, list[str]] = {} if errors is None else errors
        self._where = where
        self.sent: dict[str, Any] = sent if isinstance(sent, dict) else {}
        if not isinstance(sent, dict):
            self.complain("", "An object is expected.")

    @classmethod
    def of_body(cls, request: Request) -> "Fields":
        """Read the body.

        Raises:
            Refusal: 415, or 400 where it is no JSON object.
        """
        if request.media_type != "application/json":
            raise Refusal(problem(415, "Unsupported Media Type"))
        try:
            fields = cls(jsontext.loads(request.body))
        except ValueError as error:
            raise Refusal(invalid({"$": [f"Not valid JSON: {error}"]})) from None
        fields.require_good()
        return fields

    def require_good(self) -> None:
        """Raise what has been complained of, if anything."""
        if self.errors:
            raise Refusal(invalid(self.errors))

    def complain(self, name: str, text: str) -> None:
        place = ".".join(part for part in (self._where, name) if part)
        self.errors.setdefault(place or "$", []).append(text)

    def text(self, name: str) -> str:
        """Return a text; empty where it is null or was not sent."""
        value = self.sent.get(name)
        if value is not None and not isinstance(value, str):
            self.complain(name, "The JSON value could not be converted to String.")
        return value if isinstance(value, str) else ""

    def required_text(self, name: str) -> str:
        value = self.text(name)
        if not value.strip() and name not in self.errors:
            self.complain(name, f"The {name} field is required.")
        return value

    def nullable_text(self, name: str) -> str:
        """Read a member that has to be there, be it as null."""
        if name not in self.sent:
            self.complain(name, f"The {name} field is required; it may be null.")
        return self.text(name)

    def number(self, name: str, default: Decimal = Decimal(0)) -> Decimal:
        value = self.sent.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.complain(name, "The JSON value could not be converted to Decimal.")
            return default
        return Decimal(value)

    def flag(self, name: str) -> None:
        if not isinstance(self.sent.get(name), bool | None):
            self.complain(name, "The JSON value could not be converted to Boolean.")

    def object(self, name: str) -> "Fields | None":
        value = self.sent.get(name)
        if value is None:
            return None
        return Fields(value, self._place(name), self.errors)

    def objects(self, name: str) -> Sequence["Fields"]:
        value = self.sent.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self.complain(name, "An array is expected.")
            return []
        return [
            Fields(item, f"{self._place(name)}[{index}]", self.errors)
            for index, item in enumerate(value)
        ]

    def _place(self, name: str) -> str:
        return f"{self._where}.{name}" if self._where else name
