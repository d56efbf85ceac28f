"""After real calls, no secret is readable anywhere but in the sandbox's own log."""

import base64
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from procurement.access.models import SCOPES, ApiKey
from procurement.suppliers.operations import check_supplier
from tests.factories import make_user
from tests.sandboxed import ORDER_TAKING, VENDORS, connect, queue_order, secret_of
from tests.sending import transmit
from vendors.errors import VendorError
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0) as running:
        yield running


def secrets_of(sandbox: Sandbox) -> set[str]:
    """Passwords, tokens and Basic pairs, in every form they could turn up in."""
    found = {secret_of(vendor) for vendor in VENDORS}
    found |= {f"sandbox-{vendor}:{secret_of(vendor)}" for vendor in VENDORS}
    for call in sandbox.calls():
        for name, value in call.headers.items():
            if "authorization" in name.lower():
                found.add(value.split(" ")[-1])
    forms = set(found)
    for secret in found:
        forms |= {
            base64.b64encode(secret.encode()).decode().rstrip("="),
            quote(secret, safe=""),
            json.dumps(secret)[1:-1],
        }
    return forms


def everything_stored() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select * from "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                yield table, " ".join(str(value) for value in row)


def test_no_secret_in_database_log_or_answer(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for vendor in VENDORS:
        supplier = connect(sandbox, vendor)
        check_supplier(supplier_id=supplier.pk, actor=None)
        if vendor not in ORDER_TAKING:
            continue
        for fault in (None, "html", "rubbish_json", "lost_answer", "token_dies"):
            order, transmission = queue_order(supplier)
            if fault:
                sandbox.add_fault(vendor, endpoint="*", fault=fault, times=1)
            transmit(transmission_id=transmission.pk)

    secrets = secrets_of(sandbox)
    assert len(secrets) > 8
    for table, text in everything_stored():
        leaked = {secret for secret in secrets if secret in text}
        assert not leaked, table
    leaked = {secret for secret in secrets if secret in caplog.text}
    assert not leaked
    assert apps.get_model("suppliers", "Exchange").objects.count() > 10

    admin = make_user("root", is_superuser=True)
    _, key = ApiKey.make(name="all", user=admin, scopes=list(SCOPES))
    client = Client(headers={"Authorization": f"Bearer {key}"})
    for path in (
        "suppliers/",
        "vendors/",
        f"orders/{order.number}/attempts/",
        f"orders/{order.number}/events/",
        "suppliers/eet-nord/health/",
    ):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert not {secret for secret in secrets if secret in text}, path


@pytest.mark.parametrize("vendor", VENDORS)
def test_wrong_password_is_not_quoted_in_the_error(
    vendor: str, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    supplier = connect(sandbox, vendor, secret="a-wrong-one-with-ünicode/&")

    with pytest.raises(VendorError) as failed:
        check_supplier(supplier_id=supplier.pk, actor=None)

    told = f"{failed.value} {failed.value.vendor_text} {caplog.text}"
    assert "a-wrong-one" not in told
    assert not [table for table, text in everything_stored() if "a-wrong-one" in text]
