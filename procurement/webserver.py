"""What gunicorn answers by itself, before Django has seen anything of a call.

It answers in HTML what it can't read: an address that is too long, too many headers, a
broken request line. Other systems are told so as everything else: as a problem detail.
"""

import json
from http import HTTPStatus
from typing import Any

from gunicorn import util

from procurement.access.codes import Code

CODES = {414: Code.ADDRESS_TOO_LONG, 431: Code.HEADERS_TOO_LARGE}


def write_problem(sock: Any, status_int: int, reason: str, mesg: str) -> None:
    """Stands in for `gunicorn.util.write_error`, with the same arguments."""
    util.write_nonblock(sock, problem_bytes(status_int))


def problem_bytes(status: int) -> bytes:
    """The whole answer; it repeats nothing of what came in."""
    is_ours = status == HTTPStatus.INTERNAL_SERVER_ERROR
    code = Code.INTERNAL_ERROR if is_ours else CODES.get(status, Code.BAD_REQUEST)
    phrase = HTTPStatus(status).phrase
    body = json.dumps(
        {
            "type": code.address,
            "title": code.meaning,
            "status": status,
            "detail": f"{code.meaning} {code.remedy}",
            "code": code,
        }
    ).encode()
    head = (
        f"HTTP/1.1 {status} {phrase}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("latin1") + body
