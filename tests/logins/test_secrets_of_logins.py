"""No code, state, verifier or token anywhere it does not belong."""

import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from procurement.customers.models import Customer
from procurement.logins.models import CustomerLoginToken, LoginAttempt
from procurement.logins.renewing import renew
from procurement.suppliers.models import Exchange, Supplier
from tests.logins.conftest import (
    CLIENT_SECRET,
    RETURN,
    Travel,
    decide,
    page,
    query_of,
)
from tests.logins.test_renewing import due
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.django_db
OLD, NEW = "the old random text " + "o" * 20, "the new random text " + "n" * 20


def everything_stored() -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'select * from "{table}"')  # noqa: S608
            for row in cursor.fetchall():
                yield table, " ".join(str(value) for value in row)


def test_nothing_secret_is_kept_logged_or_shown(
    desk: Client,
    start: Travel,
    sandbox: Sandbox,
    customer: Customer,
    shop: Supplier,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = ""
    secrets = {CLIENT_SECRET}

    def come_back(address: str) -> None:
        nonlocal shown
        secrets.update(query_of(address).get(name, "") for name in ("state", "code"))
        secrets.update(LoginAttempt.objects.values_list("code_verifier", flat=True))
        for _ in range(2):
            answer = desk.get(address, follow=True)
            # The address itself is the browser's, and may stand in no page.
            shown += answer.content.decode()

    come_back(decide(start(desk)))
    for fault in ("rubbish_json", "lost_answer", "hostile_texts", "error_after"):
        sandbox.add_fault("kvik", endpoint="login", fault=fault, times=1)
        come_back(decide(start(desk)))
        sandbox.clear_faults()
    never_given = (
        f"{RETURN}?state={query_of(start(desk))['state']}&code=never-given-out"
    )
    come_back(never_given)
    Client().get(never_given)
    token = CustomerLoginToken.objects.get()
    secrets |= {token.access_token, token.refresh_token}
    renew(token_id=due(token).pk)
    token = CustomerLoginToken.objects.get()
    secrets |= {token.access_token, token.refresh_token}
    renew(token_id=due(token).pk)
    shown += desk.get(page("pair", customer, shop)).content.decode()
    for attempt in LoginAttempt.objects.all():
        address = f"/admin/logins/customerlogintoken/try/{attempt.pk}/"
        shown += desk.get(address).content.decode()
    for exchange in Exchange.objects.all():
        address = f"/admin/suppliers/exchange/talk/{exchange.conversation}/"
        shown += desk.get(address).content.decode()

    secrets.discard("")
    assert len(secrets) > 15
    for table, text in everything_stored():
        assert not {secret for secret in secrets if secret in text}, table
    logged = "\n".join(
        message
        for message in map(logging.LogRecord.getMessage, caplog.records)
        # The customer's own browser is in this process as well.
        if "/oauth/authorize" not in message
    )
    assert "kvik-nord login" in logged
    assert not {secret for secret in secrets if secret in logged}
    assert not {secret for secret in secrets if secret in shown}


def test_the_form_in_the_exchange_has_its_secrets_masked(
    connected: CustomerLoginToken, sandbox: Sandbox
) -> None:
    exchange = Exchange.objects.get()

    form = dict(parse_qsl(exchange.request_body))
    assert form["grant_type"] == "authorization_code"
    assert {
        name: form[name]
        for name in ("code", "code_verifier", "client_secret", "client_id")
    } == dict.fromkeys(("code", "code_verifier", "client_secret", "client_id"), "***")
    assert '"access_token": "***"' in exchange.response_body.replace('":"', '": "')
    assert connected.refresh_token not in exchange.response_body
    (sent,) = [each for each in sandbox.calls("kvik") if each.endpoint == "login"]
    real = dict(parse_qsl(sent.body))
    assert len(real["code"]) > 20
    assert len(real["code_verifier"]) == 86


def test_exchanges_are_found_by_the_customer(
    connected: CustomerLoginToken, customer: Customer
) -> None:
    assert Exchange.objects.get().subject == f"CUSTOMER-{customer.pk}"


def test_nobody_is_shown_a_token_by_the_row_itself(
    connected: CustomerLoginToken,
) -> None:
    token = CustomerLoginToken.objects.get()

    assert token.get_deferred_fields() == {"access_token", "refresh_token"}
    assert token.access_token not in f"{token} {token!r} {vars(LoginAttempt)}"


def test_after_a_rotation_the_old_key_is_not_needed(
    desk: Client, start: Travel, shop: Supplier, settings: Any
) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    shop.save()
    desk.get(decide(start(desk)))
    start(desk)
    kept = CustomerLoginToken.objects.get().refresh_token
    verifier = LoginAttempt.objects.get(outcome="").code_verifier
    settings.CREDENTIAL_KEYS = [NEW, OLD]

    call_command("rotate_credentials", stdout=StringIO())

    settings.CREDENTIAL_KEYS = [NEW]
    assert CustomerLoginToken.objects.get().refresh_token == kept
    assert CustomerLoginToken.objects.get().access_token
    assert LoginAttempt.objects.get(outcome="").code_verifier == verifier


def test_rotation_names_a_login_that_no_key_opens_and_leaves_it_alone(
    desk: Client, start: Travel, shop: Supplier, settings: Any
) -> None:
    settings.CREDENTIAL_KEYS = [OLD]
    shop.save()
    desk.get(decide(start(desk)))
    kept = CustomerLoginToken.objects.get().refresh_token
    settings.CREDENTIAL_KEYS = [NEW]

    with pytest.raises(CommandError, match="shop login"):
        call_command("rotate_credentials", stdout=StringIO())

    settings.CREDENTIAL_KEYS = [OLD]
    assert CustomerLoginToken.objects.get().refresh_token == kept
