"""The base of every view of the API."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, cast

from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from procurement.access.authentication import user_of
from procurement.access.codes import Code
from procurement.access.cursors import BY_ID, Ordering
from procurement.access.filters import refuse_parameters
from procurement.access.pagination import PARAMETERS
from procurement.access.permissions import Needs
from procurement.access.problems import PreconditionFailed
from procurement.access.sparse import Selection, prune, read_selection
from procurement.errors import OperationNotAllowed
from procurement.scoping import scoped

_VERSION = re.compile(r'(?:W/)?(?:"(\d{1,9})"|(\d{1,9}))', re.ASCII)
IF_MATCH = "If-Match"


class ApiView(GenericAPIView[Any]):
    """Says what each call demands; whatever it does not name is not there."""

    needs: ClassVar[Mapping[str, Needs]] = {}
    orderings: ClassVar[Mapping[str, Ordering]] = BY_ID
    """Of its list, the usual one first."""
    metadata_class = None

    def filter_queryset(self, queryset: Any) -> Any:
        """What the key's user may see, before anything else narrows it.

        Raises:
            ValidationError: a parameter won't do.
        """
        if not self.filter_backends:
            refuse_parameters(self.request.query_params, PARAMETERS)
        return super().filter_queryset(scoped(queryset, user_of(self.request)))

    def selection(self, serializer_class: Any = None) -> Selection | None:
        """The members of the answer that `fields` asks for; None for all of them.

        Raises:
            ValidationError: it names one that is not there.
        """
        described: Any = serializer_class or self.serializer_class
        return read_selection(self.request, described)

    def read_input(self, serializer: Any) -> dict[str, Any]:
        """The validated values of a bound serializer.

        Raises:
            ValidationError: one or more won't do.
        """
        serializer.is_valid(raise_exception=True)
        values: dict[str, Any] = serializer.validated_data
        return values


class Listed(ListModelMixin):
    """Lists rows through the view's serializer, as far as `fields` asks for them."""

    def list(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        selection = self.selection()
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        serializer = self.get_serializer(page, many=True)
        if selection is None:
            return cast(Response, self.get_paginated_response(serializer.data))
        prune(serializer, selection)
        # What a member computes is cut afterwards; it is one value for the serializer.
        shown = selection.cut([dict(row) for row in serializer.data])
        return cast(Response, self.get_paginated_response(shown))


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
