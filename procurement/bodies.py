"""Bodies that come in pieces, without their length (`Transfer-Encoding: chunked`).

Django takes a request without `Content-Length` for one without a body. A call sent in
pieces would be made without what it says, in silence.
"""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

MAX_BODY_BYTES = 1_000_000
OF_PROGRAMS = ("/api/", "/hooks/")
"""Browsers send nothing in pieces."""

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def whole_bodies(application: Application) -> Application:
    """Have such bodies read before Django looks; one byte more than they may have."""

    def respond(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        is_for_programs = environ.get("PATH_INFO", "").startswith(OF_PROGRAMS)
        if is_for_programs and _is_in_pieces(environ):
            body = environ["wsgi.input"].read(MAX_BODY_BYTES + 1)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return application(environ, start)

    return respond


def _is_in_pieces(environ: Environ) -> bool:
    # Only a server that knows where the body ends may be asked to read to its end.
    is_chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    return is_chunked and bool(environ.get("wsgi.input_terminated"))
