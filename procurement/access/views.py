"""The base of every view of the API."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request

from procurement.access.openapi import ApiSchema
from procurement.access.permissions import Needs
from procurement.access.problems import PreconditionFailed
from procurement.errors import OperationNotAllowed

_VERSION = re.compile(r'(?:W/)?(?:"(\d{1,9})"|(\d{1,9}))', re.ASCII)
IF_MATCH = "If-Match"


class ApiView(GenericAPIView[Any]):
    """Says what each call demands; whatever it does not name is not there."""

    needs: ClassVar[Mapping[str, Needs]] = {}
    schema = ApiSchema()
    metadata_class = None

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


class precondition:  # noqa: N801 - reads as a statement
    """Turns a version conflict into 412 where the version came by `If-Match`."""

    def __init__(self, version: int | None) -> None:
        self.version = version

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        is_conflict = (
            isinstance(error, OperationNotAllowed) and error.code == "version_conflict"
        )
        if is_conflict and self.version is not None:
            raise PreconditionFailed(str(error)) from None


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}
