"""The feed: what it tells, in which order, from where, and to whom."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from procurement.access.models import ApiKey
from procurement.customers.operations import change_customer
from procurement.errors import InvalidInput
from procurement.events import feed
from procurement.events.types import require_types
from procurement.logins.models import LoginEvent
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from procurement.shops.models import ShopEvent
from procurement.shops.operations import change_shop
from procurement.suppliers.models import SupplierEvent
from procurement.suppliers.operations import change_supplier, pause_supplier
from tests.api.clients import client_for, permit
from tests.events.reading import (
    EVERY_STREAM,
    FEED,
    read,
    read_to_the_end,
    reader,
    types,
)
from tests.factories import make_order, make_supplier, make_user
from tests.parties import make_customer, make_shop

pytestmark = pytest.mark.django_db
EIGHT = datetime(2031, 4, 9, 8, tzinfo=UTC)


@pytest.fixture
def client() -> APIClient:
    return reader()


def happen_at(model: Any, minutes: dict[int, int]) -> None:
    """Set the times of events, in minutes after eight."""
    for pk, minute in minutes.items():
        model.objects.filter(pk=pk).update(at=EIGHT + timedelta(minutes=minute))


# --- what is told -----------------------------------------------------------------


def test_an_event_of_an_order_is_told_whole(client: APIClient) -> None:
    order = make_order(external_reference="WEB-9911")
    submit_order(order_id=order.pk, actor=order.buyer)
    event = OrderEvent.objects.get(kind="submitted")
    OrderEvent.objects.filter(pk=event.pk).update(at=EIGHT)

    (told,) = read(client, types="order.submitted")["results"]

    assert told == {
        "id": f"order-{event.pk}",
        "type": "order.submitted",
        "at": "2031-04-09T08:00:00Z",
        "subject": {
            "type": "order",
            "id": order.number,
            "external_reference": "WEB-9911",
            "url": f"/api/v1/orders/{order.number}/",
        },
        "order": order.number,
        "supplier": "extend-nord",
        "kind": "submitted",
        "actor": "buyer",
        "text": "",
        "data": {"total": "249.00", "currency": "SEK"},
        "status": "pending_approval",
    }


def test_events_of_all_subjects_are_there(client: APIClient) -> None:
    supplier = make_supplier()
    customer, shop = make_customer(external_reference="C-7"), make_shop()
    login = LoginEvent.objects.create(
        customer=customer, supplier=supplier, kind="connected"
    )

    events = {event["type"]: event for event in read(client)["results"]}

    assert [event["subject"] for event in events.values()] == [
        {
            "type": "supplier",
            "id": "extend-nord",
            "external_reference": "",
            "url": "/api/v1/suppliers/extend-nord/",
        },
        {
            "type": "customer",
            "id": str(customer.pk),
            "external_reference": "C-7",
            "url": f"/api/v1/customers/{customer.pk}/",
        },
        {
            "type": "shop",
            "id": str(shop.pk),
            "external_reference": "fjell",
            "url": f"/api/v1/shops/{shop.pk}/",
        },
        {
            "type": "login",
            "id": f"{customer.pk}/extend-nord",
            "external_reference": "C-7",
            "url": f"/api/v1/customers/{customer.pk}/",
        },
    ]
    assert list(events) == [
        "supplier.created",
        "customer.created",
        "shop.created",
        "login.connected",
    ]
    told = events["login.connected"]
    assert told["id"] == f"login-{login.pk}"
    assert (told["actor"], told["supplier"]) == ("system", "extend-nord")
    assert (told["order"], told["status"]) == (None, None)


def test_addresses_of_subjects_lead_there() -> None:
    order, customer = make_order(), make_customer()
    make_shop()
    LoginEvent.objects.create(customer=customer, supplier=order.supplier, kind="ended")
    client = client_for(
        permit(make_user("all"), *EVERY_STREAM), ["events:read", "orders:read"]
    )
    suppliers = client_for(User.objects.get(username="all"), ["suppliers:read"])

    for event in read(client)["results"]:
        of_supplier = event["subject"]["type"] == "supplier"
        answer = (suppliers if of_supplier else client).get(event["subject"]["url"])
        assert answer.status_code == 200, event["subject"]


def test_what_was_changed_is_named_without_the_values(client: APIClient) -> None:
    supplier, customer, shop = make_supplier(), make_customer(), make_shop()
    actor = make_user("buyer")
    change_customer(
        customer_id=customer.pk,
        actor=actor,
        data={"email": "privat@hemma.example", "address": {"street": "Hemgatan"}},
    )
    change_shop(shop_id=shop.pk, actor=actor, data={"phone": "90000002"})
    change_supplier(
        supplier_id=supplier.pk,
        actor=actor,
        data={"name": "Nord", "credentials": {"password": "a-new-password"}},
    )

    answer = client.get(FEED, {"types": "customer.*,shop.*,supplier.*"})

    changed = [e for e in answer.json()["results"] if e["kind"] == "changed"]
    assert [(event["type"], event["data"]) for event in changed] == [
        ("customer.changed", {"changed": ["address", "email"]}),
        ("shop.changed", {"changed": ["phone"]}),
        ("supplier.changed", {"changed": ["name"]}),
    ]
    for value in ("privat@hemma", "Hemgatan", "90000002", "a-new-password"):
        assert value not in answer.content.decode()


def test_data_of_a_login_stays_inside(client: APIClient) -> None:
    LoginEvent.objects.create(
        customer=make_customer(),
        supplier=make_supplier(),
        kind="not_connected",
        data={"shop_said": {"error": "access_denied"}},
    )

    (told,) = read(client, types="login.*")["results"]

    assert told["data"] == {}


def test_renewals_of_logins_are_nobodys_business(client: APIClient) -> None:
    pair = {"customer": make_customer(), "supplier": make_supplier()}
    LoginEvent.objects.create(**pair, kind="renewed")
    LoginEvent.objects.create(**pair, kind="ended")

    assert types(read(client, types="login.*")["results"]) == ["login.ended"]


# --- in which order ---------------------------------------------------------------


def test_streams_are_put_together_by_time(client: APIClient) -> None:
    supplier = make_supplier()
    orders = [make_order(supplier).events.get().pk for _ in range(3)]
    shops = [make_shop(slug).events.get().pk for slug in ("fjell", "fjord")]
    created = SupplierEvent.objects.get().pk
    happen_at(SupplierEvent, {created: 0})
    happen_at(OrderEvent, dict(zip(orders, (1, 3, 5), strict=True)))
    happen_at(ShopEvent, dict(zip(shops, (2, 4), strict=True)))

    events = read_to_the_end(client, page_size=2)

    assert [event["id"] for event in events] == [
        f"supplier-{created}",
        f"order-{orders[0]}",
        f"shop-{shops[0]}",
        f"order-{orders[1]}",
        f"shop-{shops[1]}",
        f"order-{orders[2]}",
    ]


def test_a_clock_that_went_back_changes_no_order_within_a_stream(
    client: APIClient,
) -> None:
    supplier = make_supplier()
    first, second = (make_order(supplier).events.get().pk for _ in range(2))
    shop = make_shop().events.get()
    happen_at(OrderEvent, {first: 9, second: 1})
    happen_at(type(shop), {shop.pk: 5})

    events = read_to_the_end(client, types="order.*,shop.*", page_size=1)

    assert [event["id"] for event in events] == [
        f"shop-{shop.pk}",
        f"order-{first}",
        f"order-{second}",
    ]


# --- from where -------------------------------------------------------------------


def test_the_same_cursor_gives_the_same_again(client: APIClient) -> None:
    supplier = make_supplier()
    for slug in ("fjell", "fjord"):
        make_order(supplier)
        make_shop(slug)

    first = read(client, page_size=2)
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()

    assert third["next"] is None
    assert [len(page["results"]) for page in (first, second, third)] == [2, 2, 1]
    assert len({e["id"] for p in (first, second, third) for e in p["results"]}) == 5
    assert read(client, page_size=2) == first
    assert client.get(first["next"]).json() == second
    assert read(client, page_size=2, after=second["cursor"]) == third


def test_cursor_of_an_empty_page_leads_on_from_there(client: APIClient) -> None:
    empty = read(client)
    assert empty == {"results": [], "cursor": "o0.s0.c0.u0.l0", "next": None}
    make_order()
    cursor = read(client, after=empty["cursor"])["cursor"]
    assert read(client, after=cursor) == {
        "results": [],
        "cursor": cursor,
        "next": None,
    }

    make_shop()

    assert types(read(client, after=cursor)["results"]) == ["shop.created"]


def test_newest_begins_with_what_happens_from_now_on(client: APIClient) -> None:
    supplier = make_supplier()
    make_order(supplier)
    start = read(client, after="newest")
    assert start["results"] == []
    assert start["next"] is None

    order = make_order(supplier)

    (told,) = read(client, after=start["cursor"])["results"]
    assert told["order"] == order.number
    assert feed.newest(None) != start["cursor"]


def test_cursor_of_a_time_misses_nothing_from_then_on() -> None:
    supplier = make_supplier()
    orders = [make_order(supplier).events.get().pk for _ in range(4)]
    created = SupplierEvent.objects.get().pk
    happen_at(SupplierEvent, {created: 0})
    # The third began before the second and was written after it.
    happen_at(OrderEvent, dict(zip(orders, (0, 40, 30, 50), strict=True)))
    shop = make_shop().events.get()
    happen_at(type(shop), {shop.pk: 20})

    def after(minute: int) -> list[str]:
        cursor = feed.cursor_at(EIGHT + timedelta(minutes=minute))
        page = feed.read_events(after=cursor, limit=10, user=None)
        return [event.id for event in page.events]

    all_orders = [f"order-{pk}" for pk in orders]
    assert after(35) == all_orders[1:]
    assert after(50) == all_orders[3:]
    assert after(51) == []
    assert after(-1)[:3] == [all_orders[0], f"supplier-{created}", f"shop-{shop.pk}"]


def test_digits_of_earlier_versions_go_on_with_the_orders(client: APIClient) -> None:
    """A reader of those days knew orders alone, and is told of nothing older."""
    supplier = make_supplier()
    read_before, to_read = (make_order(supplier).events.get().pk for _ in range(2))
    pause_supplier(supplier_id=supplier.pk, actor=make_user("buyer"), reason="Stock")
    created, paused = SupplierEvent.objects.order_by("pk").values_list("pk", flat=True)
    happen_at(SupplierEvent, {created: 0, paused: 3})
    happen_at(OrderEvent, {read_before: 1, to_read: 2})

    page = read(client, after=str(read_before))

    assert types(page["results"]) == ["order.created", "supplier.paused"]
    assert page["results"][0]["id"] == f"order-{to_read}"
    assert types(read(client, after="0")["results"])[0] == "supplier.created"


@pytest.mark.parametrize(
    "after",
    ["x", "-1", "1.5", "9" * 19, "９", "o1.o2", "x1", "o", "o1.", "O1", "o1" * 200],
)
def test_cursor_that_is_none_is_refused(client: APIClient, after: str) -> None:
    answer = client.get(FEED, {"after": after})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["after"]


# --- what is asked for ------------------------------------------------------------


def test_types_narrow_and_the_cursor_goes_on_past_the_others(
    client: APIClient,
) -> None:
    order = make_order()
    submit_order(order_id=order.pk, actor=order.buyer)
    make_shop()

    page = read(client, types="order.submitted, shop.*")

    assert types(page["results"]) == ["order.submitted", "shop.created"]
    assert page["cursor"] == feed.newest(None)


def test_one_subject_alone(client: APIClient) -> None:
    supplier, customer, shop = make_supplier(), make_customer(), make_shop()
    order, _ = make_order(supplier), make_order(supplier)
    LoginEvent.objects.create(customer=customer, supplier=supplier, kind="ended")

    def told(**parameters: str) -> list[str]:
        page = read(client, **parameters)
        assert page["cursor"] == feed.newest(None)
        return [f"{e['subject']['id']} {e['type']}" for e in page["results"]]

    created = [f"{order.number} order.created"]
    assert told(order=order.number) == created
    assert told(subject=f"order:{order.number}") == created
    assert told(subject=f"shop:{shop.pk}") == [f"{shop.pk} shop.created"]
    of_customer = f"{customer.pk} customer.created"
    assert told(subject=f"customer:{customer.pk}") == [of_customer]
    assert told(subject="supplier:extend-nord") == ["extend-nord supplier.created"]
    of_login = f"{customer.pk}/extend-nord"
    assert told(subject=f"login:{of_login}") == [f"{of_login} login.ended"]
    assert told(subject=f"order:{order.number}", types="shop.*") == []


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"types": "order.bought"}, "types"),
        ({"types": "*"}, "types"),
        ({"subject": "order"}, "subject"),
        ({"subject": "thing:4"}, "subject"),
        ({"subject": "shop:four"}, "subject"),
        ({"subject": "shop:" + "9" * 19}, "subject"),
        ({"subject": "login:7"}, "subject"),
        ({"subject": "order:\0"}, "subject"),
        ({"subject": "shop:4", "order": "PO-1"}, "order"),
        ({"subject": "shop:999999"}, "subject"),
        ({"order": "PO-2031-999999", "wait": "20"}, "order"),
        ({"wait": "26"}, "wait"),
        ({"wait": "1.5"}, "wait"),
        ({"wait": "00000000099"}, "wait"),
        ({"page_size": "0"}, "page_size"),
        ({"type": "order.created"}, "type"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    client: APIClient, parameters: dict[str, str], field: str
) -> None:
    answer = client.get(FEED, parameters)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_types_nobody_knows_are_refused_by_name() -> None:
    assert require_types(["order.*", "order.*"], field="t") == ("order.*",)
    with pytest.raises(InvalidInput) as refused:
        require_types(["order.sold"], field="types")
    assert "order.sold" in refused.value.errors["types"]


# --- to whom ----------------------------------------------------------------------


def test_a_reader_is_told_what_their_user_may_see() -> None:
    make_customer()
    make_shop()
    make_order()
    orders_only = reader("clerk", "orders.view_purchaseorder", "orders.view_orderevent")

    page = read(orders_only)

    assert types(page["results"]) == ["order.created"]
    assert page["cursor"] == feed.newest(None)


def test_a_key_bound_to_a_shop_reads_of_that_shop_alone() -> None:
    north, south = make_shop("north"), make_shop("south")
    supplier = make_supplier()
    ours, theirs = (
        make_customer(name, external_reference=name) for name in ("Ours", "Theirs")
    )
    order = make_order(supplier, shop=north, customer=ours)
    make_order(supplier, shop=south, customer=theirs)
    for customer in (ours, theirs):
        LoginEvent.objects.create(customer=customer, supplier=supplier, kind="ended")
    user = permit(make_user("web"), *EVERY_STREAM)
    _, text = ApiKey.make(name="web", user=user, scopes=["events:read"], shop=north)
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")

    page = read(client, types="order.*,shop.*,customer.*,login.*")

    subjects = {
        (event["subject"]["type"], event["subject"]["external_reference"])
        for event in page["results"]
    }
    assert subjects == {
        ("shop", "north"),
        ("customer", "Ours"),
        ("order", ""),
        ("login", "Ours"),
    }
    assert {e["order"] for e in page["results"]} == {None, order.number}
    assert page["cursor"] == feed.newest(None)
    theirs_asked = client.get(FEED, {"subject": f"shop:{south.pk}"})
    nobodys_asked = client.get(FEED, {"subject": "shop:999999"})
    assert theirs_asked.status_code == 400
    assert theirs_asked.json() == nobodys_asked.json()


def test_the_program_itself_leaves_nothing_out() -> None:
    make_order()
    make_shop()

    page = feed.read_events(after="", limit=10, user=None)

    assert [event.type for event in page.events] == [
        "supplier.created",
        "order.created",
        "shop.created",
    ]


def test_somebody_who_left_is_told_nothing() -> None:
    make_order()
    user = permit(make_user("gone"), *EVERY_STREAM)
    user.is_active = False

    assert feed.read_events(after="", limit=10, user=user).events == []


# --- what it costs ----------------------------------------------------------------


def test_a_page_takes_few_queries_however_much_there_is(client: APIClient) -> None:
    supplier = make_supplier()
    make_shop()
    make_customer()
    end = feed.newest(None)
    read(client)

    def queries(**parameters: Any) -> int:
        with CaptureQueriesContext(connection) as seen:
            read(client, **parameters)
        return len(seen)

    # The key, the permissions of its user and of their groups, what is settled.
    nothing = queries(after=end)
    assert nothing <= 4
    for _ in range(3):
        make_order(supplier)
    assert queries(after=end) == nothing + 1
    for _ in range(20):
        make_order(supplier)
    assert queries(after=end) == nothing + 1
    # And one for each stream that has any.
    assert queries() == nothing + 4


def test_an_order_that_was_deleted_takes_its_events_along(client: APIClient) -> None:
    supplier = make_supplier()
    before = make_order(supplier)
    gone = make_order(supplier)
    cursor = read(client)["cursor"]
    PurchaseOrder.objects.filter(pk=gone.pk).delete()

    after = make_order(supplier)

    assert [e["order"] for e in read(client, after=cursor)["results"]] == [after.number]
    numbers = [e["order"] for e in read(client, types="order.*")["results"]]
    assert numbers == [before.number, after.number]


def test_changes_of_an_order_are_told_with_their_values(client: APIClient) -> None:
    order = make_order()
    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Ring first"})

    (told,) = read(client, types="order.changed")["results"]

    assert told["data"]["changes"]["note"] == ["", "Ring first"]
    assert datetime.fromisoformat(told["at"]) <= timezone.now()
