"""A vendor that answers with our own secrets, in whatever spelling it likes."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connection

from procurement.suppliers.models import Exchange
from procurement.suppliers.operations import check_supplier
from tests.factories import make_supplier
from tests.secrecy.hunting import Hunt, Secret, pair
from vendors.errors import VendorError

pytestmark = pytest.mark.django_db
PASSWORD = "p4ss/wörd+with=odd&signs?"
SECRETS = [Secret("password", PASSWORD), pair("pair", "buyer", PASSWORD)]
VENDORS = {
    "eet": {"username": "buyer", "password": PASSWORD},
    "kvik": {"client_id": "buyer", "client_secret": PASSWORD},
    "di": {"username": "buyer", "password": PASSWORD},
    "extend": {"username": "buyer", "password": PASSWORD},
}


class Echo(BaseHTTPRequestHandler):
    status = 401

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        spelt = [text for secret in SECRETS for text in sorted(secret.spellings())]
        body = json.dumps({"error": f"login of buyer failed: {PASSWORD}", "had": spelt})
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        for number, text in enumerate(spelt):
            if text.isascii():
                self.send_header(f"X-Debug-{number}", f"you sent {text}!")
        self.end_headers()
        self.wfile.write(body.encode())
        self.wfile.write(("\n<p>" + " ".join(spelt) + "</p>").encode())

    do_POST = do_GET

    def log_message(self, *arguments: Any) -> None:
        """Silent: it is a test's own."""


@pytest.fixture
def echo() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("status", [401, 500])
@pytest.mark.parametrize("vendor", VENDORS)
def test_what_is_echoed_is_masked_wherever_it_is_kept(
    vendor: str,
    status: int,
    echo: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(Echo, "status", status)
    caplog.set_level(logging.DEBUG)
    supplier = make_supplier(
        vendor,
        base_url=echo,
        **({"auth_url": echo} if vendor == "di" else {}),
        credentials=VENDORS[vendor],
    )

    with pytest.raises(VendorError) as failed:
        check_supplier(supplier_id=supplier.pk, actor=None)

    hunt = Hunt(SECRETS)
    finds = hunt.look("error", f"{failed.value} {failed.value.vendor_text}")
    finds += hunt.look("log", caplog.text)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select * from "{table}"')  # noqa: S608 - our own tables
            for row in cursor.fetchall():
                finds += hunt.look(table, " ".join(map(str, row)))
    assert Exchange.objects.exists()
    assert not finds
