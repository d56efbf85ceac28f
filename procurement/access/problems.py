"""Every refusal as a problem detail (RFC 9457), with a stable `code`."""

import logging
import sys
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.request import Request

from procurement.access.codes import Code, code_named
from procurement.errorpages import failed_page
from procurement.errors import InvalidInput, OperationNotAllowed, SupplierUnavailable
from procurement.logs.ids import request_id
from vendors.errors import VendorError

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
BODY = "body"
"""The path in `errors` of what is wrong with the body as a whole."""


class Refusal(exceptions.APIException):
    """A refusal of a call, with members of its own in the problem detail."""

    def __init__(
        self,
        text: str,
        *,
        code: str,
        status: int,
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(text, code)
        self.status_code = status
        self.headers = dict(headers or {})
        self.members = members


class MalformedJSON(Refusal):
    def __init__(self, text: str) -> None:
        super().__init__(text, code=Code.MALFORMED_JSON, status=400)


class PayloadTooLarge(Refusal):
    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The body is larger than {limit} bytes. Split what you send.",
            code=Code.PAYLOAD_TOO_LARGE,
            status=413,
        )


class BodyNotTaken(Refusal):
    def __init__(self, method: str) -> None:
        super().__init__(
            f"{method} takes no body. Give what to look for in the address.",
            code=Code.BAD_REQUEST,
            status=400,
        )


class CallInProgress(Refusal):
    """The same call is at work, and did not end while this one waited for it."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "The same call with the same Idempotency-Key is at work now. Repeat it in "
            "a moment with the same key.",
            code=Code.CALL_IN_PROGRESS,
            status=409,
        )
        self.retry_after = retry_after


class ScopeMissing(Refusal):
    def __init__(self, scope: str) -> None:
        super().__init__(
            f"This key lacks the scope {scope}.",
            code=Code.SCOPE_MISSING,
            status=403,
            scope=scope,
        )


class PermissionMissing(Refusal):
    def __init__(self, permission: str) -> None:
        super().__init__(
            f"The key's user lacks the permission {permission}.",
            code=Code.PERMISSION_MISSING,
            status=403,
            permission=permission,
        )


class PreconditionFailed(Refusal):
    """`If-Match` names a version that is not the present one."""

    def __init__(self, text: str) -> None:
        super().__init__(text, code=Code.VERSION_CONFLICT, status=412)


class IdempotencyKeyReused(Refusal):
    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key came before with another body or address. Make a new "
            "key for a new call.",
            code=Code.IDEMPOTENCY_KEY_REUSED,
            status=409,
        )


# DRF's own errors; one that is not here is told by its status alone.
_CODES: Mapping[type[Exception], Code] = {
    exceptions.ParseError: Code.BAD_REQUEST,
    exceptions.NotAuthenticated: Code.NOT_AUTHENTICATED,
    exceptions.AuthenticationFailed: Code.KEY_REFUSED,
    exceptions.PermissionDenied: Code.FORBIDDEN,
    exceptions.NotFound: Code.NOT_FOUND,
    exceptions.MethodNotAllowed: Code.METHOD_NOT_ALLOWED,
    exceptions.NotAcceptable: Code.NOT_ACCEPTABLE,
    exceptions.UnsupportedMediaType: Code.UNSUPPORTED_MEDIA_TYPE,
}

_IN_OUR_WORDS = frozenset(
    {
        Code.NOT_AUTHENTICATED,
        Code.METHOD_NOT_ALLOWED,
        Code.NOT_ACCEPTABLE,
        Code.UNSUPPORTED_MEDIA_TYPE,
    }
)
"""Those of which DRF says what is wrong, and we what would be right."""


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    **members: Any,
) -> JsonResponse:
    """One problem detail; it is JSON whatever the caller said it accepts."""
    data = {
        **kind_of_problem(status, code),
        "status": status,
        "detail": detail,
        "code": code,
        **members,
    }
    return JsonResponse(data, status=status, headers=headers, content_type=CONTENT_TYPE)


def kind_of_problem(status: int, code: str) -> dict[str, str]:
    """Where the kind of a problem is explained, and what it means in a sentence."""
    if known := code_named(code):
        return {"type": known.address, "title": known.meaning}
    # An operation that is none of the API's; RFC 9457 has a name for no kind at all.
    return {"type": "about:blank", "title": HTTPStatus(status).phrase}


def problem_response(exc: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """DRF's exception handler: no error leaves the API in another shape."""
    match exc:
        case Http404():
            exc = exceptions.NotFound()
        case PermissionDenied():
            exc = exceptions.PermissionDenied()
    match exc:
        case InvalidInput():
            return _invalid(exc.errors)
        case exceptions.ValidationError():
            return _invalid(dict(flatten(exc.detail)))
        case SupplierUnavailable():
            return problem(502, exc.code, exc.text)
        case OperationNotAllowed():
            return problem(409, exc.code, exc.text)
        case VendorError():
            return _vendor_problem(exc)
        case exceptions.APIException():
            return _api_problem(exc)
        case OperationalError() | InterfaceError():
            return _database_away(exc)
    return _our_fault(exc, context.get("request"))


def flatten(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """DRF's nested errors as one text for each path, with dots: `lines.0.quantity`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            is_whole = name == "non_field_errors"
            step = path if is_whole else f"{path}.{name}" if path else str(name)
            yield from flatten(inner, step)
    elif isinstance(detail, list) and any(isinstance(e, dict | list) for e in detail):
        for index, inner in enumerate(detail):
            yield from flatten(inner, f"{path}.{index}" if path else str(index))
    elif detail:
        texts = detail if isinstance(detail, list) else [detail]
        yield path or BODY, " ".join(str(text) for text in texts)


@csrf_exempt
def not_found(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answers whatever no other address under `/api/` answers."""
    hint = " /api/docs/ has all there is."
    if not request.path.endswith("/"):
        hint = f" Addresses here end with a slash.{hint}"
    return problem(
        404, Code.NOT_FOUND, f"There is nothing at {request.path[:200]}.{hint}"
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of requests that no view got to see."""
    if request.path.startswith("/api/"):
        return problem(400, Code.BAD_REQUEST, "The request can't be understood.")
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler of errors outside a view of the API."""
    if request.path.startswith("/api/"):
        error = sys.exc_info()[1]
        if isinstance(error, OperationalError | InterfaceError):
            return _database_away(error)
        return _internal_error()
    return failed_page(request)


_OUR_FAULT = "Something went wrong on our side. It was recorded."


def _invalid(errors: Mapping[str, str]) -> JsonResponse:
    detail = "Some of what was given won't do; `errors` says what."
    return problem(400, Code.INVALID, detail, errors=errors)


def _database_away(error: Exception) -> JsonResponse:
    """Nothing was saved, or nobody knows: a repeat with the same key is safe."""
    logger.error("The database does not answer: %s", type(error).__name__)
    return problem(
        503,
        Code.TRY_AGAIN,
        "The database does not answer. Repeat the call in a moment, with the same "
        "Idempotency-Key.",
        headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
    )


def _vendor_problem(error: VendorError) -> JsonResponse:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
    return problem(502, Code.VENDOR_ERROR, error.text, headers=headers, kind=error.kind)


def _api_problem(error: exceptions.APIException) -> JsonResponse:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if isinstance(error, CallInProgress):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, Refusal):
        return problem(
            error.status_code,
            str(error.get_codes()),
            str(error.detail),
            headers={**headers, **error.headers},
            **error.members,
        )
    code = _CODES.get(type(error), Code.BAD_REQUEST)
    detail = f"{code.meaning} {code.remedy}" if code in _IN_OUR_WORDS else error.detail
    return problem(error.status_code, code, str(detail), headers=headers)


def _our_fault(error: Exception, request: Request | None) -> JsonResponse:
    logger.error("A call to the API failed", exc_info=error)
    got_request_exception.send(sender=None, request=request)
    return _internal_error()


def _internal_error() -> JsonResponse:
    """By the id an administrator finds in the log what went wrong."""
    members: dict[str, Any] = {"request_id": found} if (found := request_id()) else {}
    return problem(500, Code.INTERNAL_ERROR, _OUR_FAULT, **members)
