"""What answers tell the holder of a key about the key."""

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse

HEADERS = "headers_of_key"


def set_headers(request: HttpRequest, headers: Mapping[str, str]) -> None:
    """Have the answer to a request carry headers, whatever the answer will be."""
    setattr(request, HEADERS, headers)


def add_headers_of_key(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in getattr(request, HEADERS, {}).items():
            response.headers.setdefault(name, value)
        return response

    return answer
