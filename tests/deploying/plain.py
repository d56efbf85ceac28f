"""A small application under the product's own gunicorn settings."""

import json
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from procurement.probes import answer_probes

SLOW_SECONDS = 2.0


def tell(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/slow":
        time.sleep(SLOW_SECONDS)
    names = ("wsgi.url_scheme", "SCRIPT_NAME", "PATH_INFO", "HTTP_HOST")
    told = {name: environ.get(name, "") for name in names}
    body = json.dumps({**told, "server": os.getppid()}).encode()
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]


application = answer_probes(tell, "known.example")
