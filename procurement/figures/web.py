"""Requests counted by the web processes, and added to the totals now and then.

Each process counts for itself in memory; every quarter of a minute a thread of it adds
that to the database. So one question to any machine is answered for all of them, no
file or port is shared, and a request pays a few microseconds. A process that is killed
takes what it had not reported with it.
"""

import atexit
import logging
import os
import re
import threading

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest

from procurement.figures.totals import Tally, class_of

logger = logging.getLogger(__name__)

REPORT_SECONDS = 15.0
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_VARIABLE = re.compile(r"[<(\\^?].*")
_WAITING = "api/events"
"""Its calls may wait for an event, so how long they take says nothing."""

_tally = Tally()
_reporting_in: int | None = None
_is_wanted = False


def report_from_now_on() -> None:
    """Have what is counted in this process, or in one forked from it, reported."""
    global _is_wanted
    _is_wanted = True


def note(request: HttpRequest, status: int, seconds: float) -> None:
    """Count a request that has been answered."""
    route = route_of(request)
    method = request.method if request.method in METHODS else "other"
    _tally.note(
        ("http", (route, str(method), str(status)), 1),
        ("http_seconds", (route, class_of(seconds)), 1),
        ("http_seconds_sum", (route,), round(seconds * 1_000_000)),
    )
    if _is_wanted and _reporting_in != os.getpid():
        _begin_to_report()


def route_of(request: HttpRequest) -> str:
    """The part of the installation that answered, of which there are a few dozen.

    By the pattern the address fitted, never by the address: whoever calls could make
    up any number of those.
    """
    match = request.resolver_match
    if match is None:
        is_file = request.path.startswith(f"/{settings.STATIC_URL.lstrip('/')}")
        return "static" if is_file else "none"
    literal = _VARIABLE.sub("", match.route).strip("/").split("/")
    if literal[:2] == ["api", "v1"]:
        literal = ["api", *literal[2:]]
    return "/".join(literal[:2]) or "root"


def _begin_to_report() -> None:
    global _reporting_in
    _reporting_in = os.getpid()
    atexit.register(report_now)
    threading.Thread(target=_report, name="figures", daemon=True).start()


def _report() -> None:
    pause = threading.Event()
    while not pause.wait(REPORT_SECONDS):
        report_now()


def report_now() -> None:
    """Add what was counted to the totals; a database that is away gets it later."""
    if _reporting_in != os.getpid():
        return
    try:
        _tally.add_to_totals()
    except (DatabaseError, InterfaceError) as error:
        logger.debug("Requests are reported later: %s", type(error).__name__)
    finally:
        connection.close()
