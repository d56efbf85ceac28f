"""`/healthz` and `/readyz` as machines ask them: by an address, over plain http.

A proxy or a container engine calls a web server by its address in the network, which
no list of allowed names holds.
"""

from collections.abc import Callable, Iterable
from typing import Any

from procurement.draining import is_draining

READINESS = "/readyz"
PROBES = ("/healthz", READINESS)
_STOPPING = b'{"status": "stopping"}'

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def answer_probes(application: Application, host: str) -> Application:
    """Let probes pass whatever host they name; say 503 once the server is to stop.

    Args:
        host: a name that the application takes.
    """

    def respond(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO")
        if path not in PROBES:
            return application(environ, start)
        if path == READINESS and is_draining():
            headers = [
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(_STOPPING))),
                ("Cache-Control", "no-store"),
            ]
            start("503 Service Unavailable", headers)
            return [] if environ.get("REQUEST_METHOD") == "HEAD" else [_STOPPING]
        environ["HTTP_HOST"] = host
        return application(environ, start)

    return respond


def host_of(allowed: list[str]) -> str:
    """A host that `ALLOWED_HOSTS` takes."""
    named = [each.lstrip(".") for each in allowed if each != "*"]
    return named[0] if named else "localhost"
