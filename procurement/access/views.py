"""The base of every view of the API."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, cast

from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from procurement import VERSION
from procurement.access.answers import VERSION_HEADER
from procurement.access.authentication import user_of
from procurement.access.codes import Code
from procurement.access.cursors import BY_ID, Ordering
from procurement.access.deprecation import Deprecated, deprecation_of
from procurement.access.filters import refuse_parameters
from procurement.access.pagination import PARAMETERS
from procurement.access.permissions import Needs
from procurement.access.problems import BodyNotTaken, PreconditionFailed
from procurement.access.sparse import Selection, prune, read_selection
from procurement.errors import OperationNotAllowed
from procurement.scoping import scoped

# What a reading was tagged with, a version alone, or a version without its quotes.
_VERSION = re.compile(r'(?:W/)?(?:"(\d{1,9})(?:-[0-9a-f]{1,64})?"|(\d{1,9}))', re.ASCII)
_TAG = re.compile(r'(?:W/)?("[^"]*")')
IF_MATCH = "If-Match"
IF_NONE_MATCH = "If-None-Match"
READS = ("GET", "HEAD")


class ApiView(GenericAPIView[Any]):
    """Says what each call demands; whatever it does not name is not there."""

    needs: ClassVar[Mapping[str, Needs]] = {}
    orderings: ClassVar[Mapping[str, Ordering]] = BY_ID
    """Of its list, the usual one first."""
    deprecated: ClassVar[Mapping[str, Deprecated]] = {}
    """The calls that will go, by the same names as `needs`."""
    asks_supplier: ClassVar[bool] = False
    """The caller waits while a supplier is called, which may fail: 502."""
    metadata_class = None
    # Without OPTIONS, which would then stand in `Allow` and be refused all the same.
    http_method_names = ["get", "post", "put", "patch", "delete", "head"]
    parameters: ClassVar[Collection[str]] = ()
    """Those a reading takes in its address; a list's own are its filters' to check."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._refuse_body(request)
        self._refuse_parameters(request)

    def _refuse_body(self, request: Request) -> None:
        """A filter put into the body of a reading would have no effect, in silence."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.method in READS and length != "0":
            raise BodyNotTaken(request.method)

    def _refuse_parameters(self, request: Request) -> None:
        faults = {
            name: "Give a text without the character NUL."
            for name, values in request.query_params.lists()
            if "\0" in name or any("\0" in value for value in values)
        }
        if not self._has_own_filters(request):
            known = self._known_parameters(request)
            there_are = ", ".join(known) or "none"
            text = f"There is no such parameter; there are {there_are}."
            unknown = [name for name in request.query_params if name not in known]
            faults = {**dict.fromkeys(unknown, text), **faults}
        if faults:
            raise ValidationError(faults)

    def _known_parameters(self, request: Request) -> dict[str, None]:
        """As the keys of a dict, in the order in which they are told."""
        if request.method not in READS:
            return {}
        known = dict.fromkeys(self.parameters)
        if self._is_list() and self.paginator is not None:
            paging = self.paginator.get_schema_operation_parameters(self)
            known |= dict.fromkeys(each["name"] for each in paging)
        return known

    def _has_own_filters(self, request: Request) -> bool:
        is_filtered = getattr(self, "filterset_class", None) is not None
        return request.method in READS and self._is_list() and is_filtered

    def _is_list(self) -> bool:
        return getattr(self, "action", "list") == "list"

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
    """The version in `If-Match`: an `ETag`, quoted or not, weak or not; or None.

    Raises:
        ValidationError: the header is there and holds no version. Its sender counts
            on it, so it is not passed over.
    """
    given = request.headers.get(IF_MATCH)
    if given is None or given.strip() == "*":
        return None
    found = _VERSION.fullmatch(given.strip())
    if found is None:
        raise ValidationError(
            {IF_MATCH: 'Give one version, such as "7", or the ETag of an answer.'}
        )
    return int(found[1] or found[2])


def refuse_version(request: Request) -> None:
    """For calls that are based on no version; see `version_of`."""
    if IF_MATCH in request.headers:
        raise ValidationError({IF_MATCH: "This call takes no version; leave it out."})


@contextmanager
def precondition(version: int | None) -> Iterator[None]:
    """Turns a version conflict into 412 where the version came by `If-Match`."""
    try:
        yield
    except OperationNotAllowed as refusal:
        if version is None or refusal.code != Code.VERSION_CONFLICT:
            raise
        raise PreconditionFailed(refusal.text) from None


def read_answer(request: Request, shown: Mapping[str, Any], version: int) -> Response:
    """What one object is now, or 304 where the caller has just that.

    Not everything that is shown counts the version up, such as the state of a level of
    approval. So the tag holds the version, for `If-Match`, and a mark of all the rest.
    """
    text = json.dumps(shown, sort_keys=True, default=str)
    mark = hashlib.sha256(text.encode()).hexdigest()[:16]
    tag = f'"{version}-{mark}"'
    given = request.headers.get(IF_NONE_MATCH, "")
    if tag in _TAG.findall(given):
        return Response(status=304, headers={"ETag": tag})
    return Response(shown, headers={"ETag": tag})


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}
