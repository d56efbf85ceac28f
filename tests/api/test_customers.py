"""Customers over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.customers.models import Customer, CustomerLink
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from tests.api.clients import V1, client_for
from tests.factories import make_supplier, make_user
from tests.parties import allow, make_customer
from tests.party_fakes import FakeParties
from tests.sending import transmit
from vendors.contracts import VendorCustomer
from vendors.errors import Kind, NotSent, OutcomeUnknown

pytestmark = pytest.mark.django_db
CUSTOMERS = f"{V1}/customers/"
PERMISSIONS = tuple(
    f"customers.{name}_customer"
    for name in ("view", "add", "change", "link", "register", "resolve")
)
BODY = {
    "name": "Verkstad Nord",
    "organization_number": "556000-0000",
    "email": "verkstad@nord.example",
    "phone": "",
    "external_reference": "ERP-17",
    "address": {
        "street": "Provgatan",
        "street_number": "4",
        "entrance": "",
        "zip_code": "90320",
        "city": "Umea",
        "country_code": "SE",
    },
}
AT_EXTEND = {"supplier": "extend-nord"}
NORD = VendorCustomer(
    number="K-1", name="Verkstad Nord AB", organization_number="5560000000"
)


@pytest.fixture
def api(db: None) -> APIClient:
    return client_for(allow(make_user("buyer"), *PERMISSIONS))


@pytest.fixture
def supplier(parties: FakeParties, db: None) -> Supplier:
    return make_supplier()


def url(customer: Customer, call: str = "") -> str:
    return f"{CUSTOMERS}{customer.pk}/{call}"


def post(api: APIClient, customer: Customer, call: str, **body: Any) -> Any:
    return api.post(url(customer, f"{call}/"), {**AT_EXTEND, **body}, format="json")


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    found: dict[str, str] = answer.json()["errors"]
    return found


def test_customer_is_created_read_and_changed(api: APIClient) -> None:
    answer = api.post(CUSTOMERS, BODY, format="json", HTTP_IDEMPOTENCY_KEY="a")

    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert shown == {
        "id": shown["id"],
        **BODY,
        "links": [],
        "version": 1,
        "created_at": shown["created_at"],
        "updated_at": shown["updated_at"],
    }
    again = api.post(CUSTOMERS, BODY, format="json", HTTP_IDEMPOTENCY_KEY="a")
    assert (again.json(), Customer.objects.count()) == (shown, 1)
    address = f"{CUSTOMERS}{shown['id']}/"
    changed = api.patch(address, {"phone": "1"}, format="json", HTTP_IF_MATCH='"1"')
    assert (changed.json()["phone"], changed.headers["ETag"]) == ("1", '"2"')
    stale = api.patch(address, {"phone": "2"}, format="json", HTTP_IF_MATCH='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "version_conflict")


def test_what_will_not_do_is_named(api: APIClient) -> None:
    wrong = {**BODY, "email": "x", "address": {"country_code": "se"}}

    found = errors_of(api.post(CUSTOMERS, wrong, format="json"))

    assert set(found) == {"email", "address.country_code"}


def test_list_has_pages_and_filters(api: APIClient) -> None:
    for number in ("1", "2", "3"):
        make_customer(
            f"N{number}", organization_number=number, external_reference=f"E{number}"
        )

    page = api.get(f"{CUSTOMERS}?page_size=2").json()
    assert [one["name"] for one in page["results"]] == ["N3", "N2"]
    assert [one["name"] for one in api.get(page["next"]).json()["results"]] == ["N1"]
    for query in ("organization_number=2", "external_reference=E2"):
        found = api.get(f"{CUSTOMERS}?{query}").json()["results"]
        assert [one["name"] for one in found] == ["N2"], query
    assert list(errors_of(api.get(f"{CUSTOMERS}?name=N2"))) == ["name"]


def test_list_costs_the_same_whatever_there_is(
    api: APIClient, supplier: Supplier
) -> None:
    costs = []
    for number in range(3):
        for extra in range(number + 1):
            customer = make_customer(f"N {number} {extra}")
            post(api, customer, "record", number="K-7", evidence="x")
        with CaptureQueriesContext(connection) as queries:
            api.get(CUSTOMERS)
        costs.append(len(queries))

    assert len(set(costs)) == 1


def test_customer_is_found_and_linked_at_once(
    api: APIClient, supplier: Supplier, parties: FakeParties
) -> None:
    parties.register = [NORD]

    answer = post(api, make_customer(), "link")

    assert answer.status_code == 200, answer.content
    (there,) = answer.json()["links"]
    assert there == {
        "supplier": "extend-nord",
        "state": "linked",
        "number": "K-1",
        "linked_by": "found",
        "linked_at": there["linked_at"],
        "attention": "",
    }


def test_customer_is_created_by_a_worker(
    api: APIClient, supplier: Supplier, parties: FakeParties
) -> None:
    customer = make_customer()

    answer = post(api, customer, "link", create=True)

    assert answer.status_code == 202, answer.content
    assert answer.json()["links"][0]["state"] == "queued"
    again = post(api, customer, "link", create=True)
    assert (again.status_code, again.json()["code"]) == (409, "already_there")
    transmit(transmission_id=Transmission.objects.get().pk)
    (there,) = api.get(url(customer)).json()["links"]
    assert (there["number"], there["linked_by"]) == ("K-901", "created")
    assert len(parties.made) == 1


def test_creating_takes_a_permission_of_its_own(supplier: Supplier) -> None:
    mine = set(PERMISSIONS) - {"customers.register_customer"}
    client = client_for(allow(make_user("linker"), *mine))

    answer = post(client, make_customer(), "link", create=True)

    assert answer.status_code == 403
    assert answer.json()["permission"] == "customers.register_customer"
    assert not Transmission.objects.exists()


def test_refusals_have_their_codes(
    api: APIClient, supplier: Supplier, parties: FakeParties
) -> None:
    customer = make_customer()
    none = post(api, customer, "link")
    parties.register = [
        NORD,
        VendorCustomer(number="K-2", organization_number="5560000000"),
    ]
    several = post(api, customer, "link")
    chosen = post(api, customer, "link", number="K-2")
    parties.find_answers = [NotSent("No connection.", kind=Kind.CONNECTION)]
    silent = post(api, make_customer("Other"), "link")

    assert (none.status_code, none.json()["code"]) == (409, "not_found_there")
    assert (several.status_code, several.json()["code"]) == (409, "several_found")
    assert chosen.json()["links"][0]["number"] == "K-2"
    assert (silent.status_code, silent.json()["code"]) == (502, "vendor_error")


def test_stale_link_is_refused(api: APIClient, supplier: Supplier) -> None:
    customer = make_customer()
    Customer.objects.update(version=2)

    answer = api.post(
        url(customer, "link/"), AT_EXTEND, format="json", HTTP_IF_MATCH='"1"'
    )

    assert answer.status_code == 412


def test_number_is_recorded_and_taken_off(api: APIClient, supplier: Supplier) -> None:
    customer = make_customer()

    recorded = post(api, customer, "record", number="K-7", evidence="Letter.")
    unlinked = post(api, customer, "unlink", reason="Merged.")

    assert recorded.json()["links"][0]["linked_by"] == "by_hand"
    assert unlinked.json()["links"][0]["state"] == "none"
    again = post(api, customer, "unlink", reason="Merged.")
    assert (again.status_code, again.json()["code"]) == (409, "not_linked")
    events = api.get(url(customer, "events/")).json()["results"]
    assert [one["kind"] for one in events] == ["created", "number_recorded", "unlinked"]


def test_lost_answer_is_resolved(
    api: APIClient, supplier: Supplier, parties: FakeParties
) -> None:
    parties.make_answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    customer = make_customer()
    post(api, customer, "link", create=True)
    transmit(transmission_id=Transmission.objects.get().pk)

    answer = post(
        api, customer, "resolve", outcome="done", number="K-8", evidence="Asked."
    )

    assert answer.status_code == 200, answer.content
    assert answer.json()["links"][0]["number"] == "K-8"


# --- who may ----------------------------------------------------------------------

Call = Callable[[APIClient, Customer], Any]
CALLS: dict[str, tuple[Call, str, str]] = {
    "list": (lambda a, c: a.get(CUSTOMERS), "orders:read", "view"),
    "read": (lambda a, c: a.get(url(c)), "orders:read", "view"),
    "events": (lambda a, c: a.get(url(c, "events/")), "orders:read", "view"),
    "create": (
        lambda a, c: a.post(CUSTOMERS, BODY, format="json"),
        "customers:write",
        "add",
    ),
    "change": (
        lambda a, c: a.patch(url(c), {"phone": "1"}, format="json"),
        "customers:write",
        "change",
    ),
    "link": (lambda a, c: post(a, c, "link"), "customers:write", "link"),
    "record": (
        lambda a, c: post(a, c, "record", number="1", evidence="x"),
        "customers:write",
        "link",
    ),
    "unlink": (
        lambda a, c: post(a, c, "unlink", reason="x"),
        "customers:write",
        "link",
    ),
    "resolve": (
        lambda a, c: post(a, c, "resolve", outcome="done", evidence="x"),
        "customers:write",
        "resolve",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_call_needs_its_scope_and_its_permission(supplier: Supplier, name: str) -> None:
    call, scope, verb = CALLS[name]
    customer = make_customer()
    others = {"orders:read", "orders:write", "customers:write"} - {scope}
    everything = allow(make_user("all"), *PERMISSIONS)
    # Whoever may change a customer may look at it, as in the admin.
    lost = {"view": {"view", "change"}}.get(verb, {verb})
    kept = set(PERMISSIONS) - {f"customers.{each}_customer" for each in lost}
    lacking = allow(make_user("some"), *kept)

    no_scope = call(client_for(everything, others, system="a"), customer)
    no_permission = call(client_for(lacking, [scope], system="b"), customer)
    both = call(client_for(everything, [scope], system="c"), customer)

    assert (no_scope.status_code, no_scope.json()["code"]) == (403, "scope_missing")
    assert no_permission.status_code == 403
    assert no_permission.json()["permission"] == f"customers.{verb}_customer"
    assert both.status_code not in (401, 403)


def test_customer_that_is_not_there_is_404(api: APIClient, supplier: Supplier) -> None:
    for call in ("", "events/"):
        answer = api.get(f"{CUSTOMERS}999/{call}")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "There is no customer 999."
    answer = api.post(f"{CUSTOMERS}999/link/", AT_EXTEND, format="json")
    assert answer.status_code == 404
    assert not CustomerLink.objects.exists()
