"""Errors reported by real processes to a server that stands in for Sentry."""

import gzip
import http.server
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from procurement import VERSION
from tests.processes import ROOT

SECRET = "hunter2-and-more"

CODE = """
import django, logging, sys, threading
django.setup()
from concurrent.futures import ThreadPoolExecutor
from django.test import Client, override_settings
from django.urls import include, path
from procurement.coordination.failures import tell_of_failures
from procurement.logs.ids import about, here, start_anew
import django_q.worker

SECRET = "hunter2-and-more"

def view(request, link):
    local_value = "local-" + SECRET
    raise ValueError("view broke, password=" + SECRET)

class Urls:
    urlpatterns = [
        path("approve/<str:link>/", view), path("", include("procurement.urls"))
    ]
    handler500 = "procurement.access.problems.server_error"

def in_a_carrier():
    try:
        raise RuntimeError("carrier broke, Authorization: Bearer " + SECRET)
    except RuntimeError:
        logging.getLogger("procurement.transmissions.carrying").exception("broke off")

def in_a_task():
    start_anew(task="procurement.x.tasks.work")
    try:
        raise KeyError("task broke at postgres://u:" + SECRET + "@host/db")
    except KeyError:
        django_q.worker.error_reporter.report()

with override_settings(ROOT_URLCONF=Urls, ALLOWED_HOSTS=["*"]):
    Client(raise_request_exception=False).post(
        "/approve/" + SECRET + "/?q=" + SECRET, {"body": SECRET},
        headers={"Cookie": "preference=" + SECRET},
    )
with about(order="PO-2031-000042", attempt=7, supplier="extend-nord"):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(here(in_a_carrier)).result()
tell_of_failures()
in_a_task()
import sentry_sdk
sentry_sdk.flush(5)
"""


class Ingest(http.server.BaseHTTPRequestHandler):
    seen: list[dict[str, Any]] = []
    raw: list[str] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.raw.append(body.decode())
        lines = body.decode().splitlines()
        for head, item in zip(lines[1::2], lines[2::2], strict=False):
            if json.loads(head)["type"] == "event":
                self.seen.append(json.loads(item))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def ingest() -> Iterator[int]:
    Ingest.seen, Ingest.raw = [], []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ingest)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()


def run(code: str, dsn: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": f"sqlite:///{folder / 'none.sqlite3'}",
            "SENTRY_DSN": dsn,
            "INSTALLATION_NAME": "Purchasing Nordic / TRIAL",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.slow
def test_reports_arrive_with_ids_and_without_secrets(
    ingest: int, tmp_path: Path
) -> None:
    ended = run(CODE, f"http://publickey0@127.0.0.1:{ingest}/1", tmp_path)

    assert ended.returncode == 0, ended.stderr
    by_cause = {each["exception"]["values"][-1]["type"]: each for each in Ingest.seen}
    assert set(by_cause) == {"ValueError", "RuntimeError", "KeyError"}
    assert len(Ingest.seen) == 3
    assert by_cause["ValueError"]["tags"]["request_id"]
    assert by_cause["RuntimeError"]["tags"] == {
        "order": "PO-2031-000042",
        "attempt": "7",
        "supplier": "extend-nord",
    }
    assert by_cause["KeyError"]["tags"] == {"task": "procurement.x.tasks.work"}
    for each in Ingest.seen:
        assert each["release"] == f"procurement@{VERSION}"
        assert each["environment"] == "Purchasing-Nordic-TRIAL"
        assert not {"request", "user", "breadcrumbs", "extra"} & set(each)
        frames = each["exception"]["values"][-1]["stacktrace"]["frames"]
        assert frames
        assert not any("vars" in frame for frame in frames)
    assert not [text for text in Ingest.raw if SECRET in text.replace(CODE, "")]
    assert SECRET not in ended.stderr


AWAY = """
import django, logging, time
django.setup()
began = time.perf_counter()
for n in range(300):
    logging.getLogger("procurement.x").error("broke %s", n)
print(time.perf_counter() - began)
"""


@pytest.mark.slow
def test_host_of_reports_that_is_away_holds_nobody_up(tmp_path: Path) -> None:
    # It takes connections and never answers.
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        port = silent.getsockname()[1]
        began = time.monotonic()
        ended = run(AWAY, f"http://publickey0@127.0.0.1:{port}/1", tmp_path)
        took = time.monotonic() - began

    assert ended.returncode == 0, ended.stderr
    assert float(ended.stdout) / 300 < 0.02
    assert took < 30


def test_without_an_address_the_library_is_not_even_loaded(tmp_path: Path) -> None:
    ended = run(
        "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)",
        "",
        tmp_path,
    )

    assert ended.stdout.strip() == "False", ended.stderr
