"""What is handed out about a person: all of it, no secret, and that it was."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from procurement.customers.models import Customer, CustomerEvent
from procurement.persons.exporting import as_text, export_customer, export_user
from procurement.persons.models import Erasure
from tests.factories import make_order, make_supplier, make_user
from tests.parties import allow, make_customer
from tests.persons.world import NAME, make_named_customer

pytestmark = pytest.mark.django_db


def page(customer: Customer, name: str = "customer") -> str:
    return reverse(f"admin:persons_{name}", args=[customer.pk])


def client_of(*permissions: str) -> Client:
    client = Client()
    user = allow(make_user("desk"), "customers.view_customer", *permissions)
    client.force_login(user)
    return client


def test_export_has_every_row_about_a_customer_and_where_else_it_is_named() -> None:
    _, customer = make_named_customer()

    export = export_customer(customer)

    records = export["records"]
    assert records["customers_customer"][0]["email"] == "zqxyna.k@mail.example"
    assert len(records["orders_purchaseorder"]) == 3
    assert NAME in records["suppliers_exchange"][0]["response_body"].title()
    elsewhere = {each["table"] for each in export["named_in"]}
    assert {"runs_run", "lists_savedview", "suppliers_supplierevent"} <= elsewhere
    assert json.loads(json.dumps(export)) == export


def test_no_secret_is_handed_out() -> None:
    _, customer = make_named_customer()

    text = json.dumps(export_customer(customer))

    for name in ("access_token", "refresh_token", "session_hash", "secret_hash"):
        assert f'"{name}"' not in text


def test_export_of_a_member_of_staff_has_the_account_and_what_names_it() -> None:
    user = make_user("anna", email="anna@mail.example")
    user.set_password("a-password-for-tests")
    user.save()
    order = make_order(make_supplier(), actor=user)

    export = export_user(user)

    account = export["records"]["auth_user"][0]
    assert account["email"] == "anna@mail.example"
    assert "password" not in account
    named = export["records"]["orders_purchaseorder.buyer"]
    assert [each["id"] for each in named] == [order.pk]
    assert "orders_orderevent.actor" in export["records"]


def test_export_can_be_read() -> None:
    customer = make_customer(NAME)

    lines = list(as_text(export_customer(customer)))

    assert lines[0].startswith(f"What is kept about {NAME}, on 20")
    assert "  email: verkstad@nord.example\n" in lines


def test_command_prints_it_and_it_is_written_down(capsys: Any) -> None:
    customer = make_customer(NAME)

    call_command("export_person", customer=customer.pk)

    assert json.loads(capsys.readouterr().out)["about"]["name"] == NAME
    event = CustomerEvent.objects.latest("pk")
    assert (event.kind, event.actor_name) == ("exported", "system")
    with pytest.raises(CommandError, match="no such customer"):
        call_command("export_person", customer=customer.pk + 1)


def test_page_hands_out_a_file_by_post_alone() -> None:
    customer = make_customer(NAME)
    client = client_of("persons.export_person")

    assert client.get(page(customer, "export")).status_code == 405
    answer = client.post(page(customer, "export"), {"form": "json"})

    assert answer.headers["Content-Disposition"].endswith(
        f'filename="customer-{customer.pk}.json"'
    )
    assert json.loads(answer.content)["about"]["name"] == NAME
    event = CustomerEvent.objects.latest("pk")
    assert (event.kind, event.actor_name) == ("exported", "desk")


def test_page_erases_after_the_number_was_typed_once_more() -> None:
    customer = make_customer(NAME)
    client = client_of("persons.erase_person", "persons.view_erasure")
    assert NAME in client.get(page(customer)).content.decode()

    wrong = {"reason": "A letter", "number": customer.pk + 1}
    answer = client.post(page(customer), wrong)
    assert f"the customer on this page, {customer.pk}" in answer.content.decode()
    assert not Erasure.objects.exists()

    answer = client.post(page(customer), {**wrong, "number": customer.pk}, follow=True)
    assert "Under way" in answer.content.decode()
    assert Erasure.objects.get().reason == "A letter"


def test_page_says_what_stands_against_it() -> None:
    customer = make_customer(NAME)
    order = make_order(make_supplier(), customer=customer)
    client = client_of("persons.erase_person")

    shown = client.get(page(customer)).content.decode()
    assert order.number in shown
    answer = client.post(page(customer), {"reason": "x", "number": customer.pk})

    assert order.number in answer.content.decode()
    assert not Erasure.objects.exists()


def test_page_is_closed_without_the_permission() -> None:
    customer = make_customer(NAME)

    assert client_of().get(page(customer)).status_code == 403
    client = client_of("persons.export_person")
    answer = client.post(page(customer), {"reason": "x", "number": customer.pk})
    assert answer.status_code == 403
