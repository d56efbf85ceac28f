"""The base of every view of the API."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from procurement import VERSION
from procurement.access.answers import VERSION_HEADER
from procurement.access.authentication import user_of
from procurement.access.codes import Code
from procurement.access.deprecation import Deprecated, deprecation_of
from procurement.access.permissions import Needs
from procurement.access.problems import PreconditionFailed
from procurement.errors import OperationNotAllowed
from procurement.scoping import scoped

_VERSION = re.compile(r'(?:W/)?(?:"(\d{1,9})"|(\d{1,9}))', re.ASCII)
IF_MATCH = "If-Match"


class ApiView(GenericAPIView[Any]):
    """Says what each call demands; whatever it does not name is not there."""

    needs: ClassVar[Mapping[str, Needs]] = {}
    deprecated: ClassVar[Mapping[str, Deprecated]] = {}
    """The calls that will go, by the same names as `needs`."""
    asks_supplier: ClassVar[bool] = False
    """The caller waits while a supplier is called, which may fail: 502."""
    metadata_class = None

    def finalize_response(
        self, request: Request, response: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """Every answer says which version of the program gave it."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers[VERSION_HEADER] = VERSION
        if answer.status_code == 201:
            answer.headers.setdefault("Location", self._location(request, answer.data))
        if going := deprecation_of(self, request.method or ""):
            for name, text in going.headers().items():
                answer.headers[name] = text
        return answer

    def _location(self, request: Request, made: Mapping[str, Any]) -> str:
        name = "id" if self.lookup_field == "pk" else self.lookup_field
        return f"{request.path}{made[name]}/"

    def filter_queryset(self, queryset: Any) -> Any:
        """What the key's user may see, before anything else narrows it."""
        return super().filter_queryset(scoped(queryset, user_of(self.request)))

    def read_input(self, serializer: Any) -> dict[str, Any]:
        """The validated values of a bound serializer.

        Raises:
            ValidationError: one or more won't do.
        """
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values


def version_of(request: Request) -> int | None:
    """The version in `If-Match`, quoted or not, weak or not; None without one.

    Raises:
        ValidationError: it is no version.
    """
    given = request.headers.get(IF_MATCH, "").strip()
    if given in ("", "*"):
        return None
    found = _VERSION.fullmatch(given)
    if found is None:
        raise ValidationError({IF_MATCH: 'Give one version, such as "7".'})
    return int(found[1] or found[2])


@contextmanager
def precondition(version: int | None) -> Iterator[None]:
    """Turns a version conflict into 412 where the version came by `If-Match`."""
    try:
        yield
    except OperationNotAllowed as refusal:
        if version is None or refusal.code != Code.VERSION_CONFLICT:
            raise
        raise PreconditionFailed(refusal.text) from None


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}
