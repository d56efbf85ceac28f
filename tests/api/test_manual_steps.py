"""Steps recorded by hand over REST: idempotent, guarded, and described."""

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from procurement.fulfilment.models import SupplierInvoice
from procurement.orders.actions import get_action
from procurement.orders.models import PurchaseOrder
from tests.api.clients import ORDERS, VIEWS, client_for, permit
from tests.factories import line, make_user
from tests.fulfilment.test_recording import sent_order

pytestmark = pytest.mark.django_db

STEPS = ("confirm", "ship", "receive", "invoice", "record_cancellation")


def do(api: APIClient, order: PurchaseOrder, name: str, **body: Any) -> Any:
    return api.post(f"{ORDERS}{order.number}/{name}/", body, format="json")


def body_of(name: str) -> dict[str, Any]:
    """The example of the documentation, which has to work as it stands."""
    example = get_action(name).example
    assert example is not None
    return dict(example)


@pytest.mark.parametrize("name", STEPS)
def test_example_of_the_documentation_works(api: APIClient, name: str) -> None:
    order = sent_order()

    answer = do(api, order, name, **body_of(name))

    assert answer.status_code == 200, answer.content
    event = order.events.last()
    assert event.data["is_manual"] is True
    assert event.actor_name == "buyer"


def test_confirmation_takes_quantities_days_and_prices_by_line(api: APIClient) -> None:
    order = sent_order(lines=[line("A"), line("B")])

    shown = do(
        api,
        order,
        "confirm",
        quantities=[{"position": 1, "quantity": "6"}, {"position": 2, "quantity": "5"}],
        promised_dates={"1": "2031-04-09", "2": "2031-05-01"},
        unit_prices=[{"position": 2, "price": "43.00"}],
        evidence="Mail.",
    ).json()

    assert [row["promised_date"] for row in shown["lines"]] == [
        "2031-04-09",
        "2031-05-01",
    ]
    assert shown["promised_date"] == "2031-05-01"
    assert shown["attention"] == (
        "Line 2: the supplier's price is 43.00 instead of 41.50. "
        "Line 2: the supplier has 5 instead of 6."
    )


@pytest.mark.parametrize(
    ("name", "changes", "path"),
    [
        ("confirm", {"promised_dates": {"1": "May"}}, "promised_dates.1"),
        ("confirm", {"promised_dates": "May"}, "promised_dates"),
        (
            "confirm",
            {"unit_prices": [{"position": 1, "price": "1.00001"}]},
            "unit_prices.0.price",
        ),
        (
            "confirm",
            {"unit_prices": [{"position": 1, "price": "1"}] * 2},
            "unit_prices",
        ),
        ("confirm", {"quantities": {"2": "1"}}, "quantities.2"),
        ("confirm", {"evidence": " "}, "evidence"),
        ("ship", {"quantities": {"1": "7"}}, "quantities.1"),
        ("ship", {"parcels": "373"}, "parcels"),
        ("ship", {"parcels": ["x" * 81]}, "parcels.0"),
        ("ship", {"number": ""}, "number"),
        ("ship", {"evidence": " "}, "evidence"),
        ("invoice", {"amount": "many"}, "amount"),
        ("invoice", {"amount": "1.005"}, "amount"),
        ("invoice", {"invoice_date": "2999-01-01"}, "invoice_date"),
        ("invoice", {"evidence": ""}, "evidence"),
        ("record_cancellation", {"quantities": {"1": "9"}}, "quantities.1"),
        ("record_cancellation", {"evidence": " "}, "evidence"),
        ("receive", {"received_on": "2999-01-01"}, "received_on"),
    ],
)
def test_value_that_will_not_do_is_named(
    api: APIClient, name: str, changes: dict[str, Any], path: str
) -> None:
    order = sent_order()
    version = order.version

    answer = do(api, order, name, **{**body_of(name), **changes})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [path]
    order.refresh_from_db()
    assert order.version == version


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("confirm", "not_confirmable"),
        ("ship", "not_shippable"),
        ("receive", "not_receivable"),
        ("invoice", "not_invoiceable"),
        ("record_cancellation", "not_cancellable"),
    ],
)
def test_step_out_of_place_is_a_409_with_its_code(
    api: APIClient, name: str, code: str
) -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission="unknown")

    answer = do(api, order, name, **body_of(name))

    assert (answer.status_code, answer.json()["code"]) == (409, code)


@pytest.mark.parametrize("name", STEPS)
def test_repeated_call_records_one_step(api: APIClient, name: str) -> None:
    order = sent_order()
    url, body = f"{ORDERS}{order.number}/{name}/", body_of(name)

    first = api.post(url, body, format="json", HTTP_IDEMPOTENCY_KEY="k-1")
    events = order.events.count()
    again = api.post(url, body, format="json", HTTP_IDEMPOTENCY_KEY="k-1")

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert again["Idempotent-Replayed"] == "true"
    assert order.events.count() == events


@pytest.mark.parametrize("name", STEPS)
def test_step_needs_scope_and_permission(name: str) -> None:
    order = sent_order()
    permission = get_action(name).whole_permission
    reader = client_for(permit(make_user("auditor"), *VIEWS), system="a")
    may = permit(make_user("clerk"), *VIEWS, permission)
    scopeless = client_for(may, ["orders:read"], system="b")

    lacking = do(reader, order, name, **body_of(name))
    unscoped = do(scopeless, order, name, **body_of(name))

    assert (lacking.status_code, lacking.json()["permission"]) == (403, permission)
    assert (unscoped.status_code, unscoped.json()["scope"]) == (403, "orders:write")
    assert do(
        client_for(may, system="c"), order, name, **body_of(name)
    ).status_code == (200)


def test_invoice_of_another_order_is_named(api: APIClient) -> None:
    order = sent_order()
    do(api, order, "invoice", **body_of("invoice"))

    again = do(api, order, "invoice", **body_of("invoice"))

    assert (again.status_code, again.json()["code"]) == (409, "already_recorded")
    assert order.number in again.json()["detail"]
    assert SupplierInvoice.objects.count() == 1


def test_invoices_and_shipments_are_read_with_their_evidence(api: APIClient) -> None:
    order = sent_order()
    do(api, order, "invoice", **body_of("invoice"))
    do(api, order, "ship", **body_of("ship"))

    (invoice,) = api.get(f"{ORDERS}{order.number}/invoices/").json()["results"]
    (shipment,) = api.get(f"{ORDERS}{order.number}/shipments/").json()["results"]

    assert {name: invoice[name] for name in ("number", "amount", "currency")} == {
        "number": "F-20991",
        "amount": "249",
        "currency": "SEK",
    }
    assert (invoice["recorded_by"], invoice["is_final"]) == ("buyer", True)
    assert invoice["invoice_date"] == date(2026, 4, 10).isoformat()
    assert (shipment["is_manual"], shipment["evidence"]) == (
        True,
        "Despatch mail of 8 April.",
    )
    assert shipment["packages"] == ["373400112233445566"]


def test_description_shows_each_body_with_an_example() -> None:
    out = StringIO()
    call_command("spectacular", format="openapi-json", stdout=out, skip_checks=True)
    paths = json.loads(out.getvalue())["paths"]

    for name in STEPS:
        call = paths[f"/api/v1/orders/{{number}}/{name}/"]["post"]
        content = call["requestBody"]["content"]["application/json"]
        (example,) = content["examples"].values()
        assert example["value"] == body_of(name)
    assert (
        "counts as a correction"
        in (paths["/api/v1/orders/{number}/ship/"]["post"]["description"])
    )
    assert "/api/v1/orders/{number}/invoices/" in paths
