"""What a limited person or key sees, and what operations take from them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from procurement.access.models import SCOPES, ApiKey
from procurement.approvals.operations import approve_order, return_order
from procurement.catalogue.checks import check_lines
from procurement.customers.operations import change_customer, create_customer
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.fulfilment.operations import refresh_order
from procurement.fulfilment.shipments import record_shipment
from procurement.orders import operations
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.queries import named_for
from procurement.reach.models import Orders, Reach
from procurement.scoping import scoped
from procurement.shops.models import Shop
from procurement.shops.operations import change_shop, create_shop
from procurement.suppliers.models import Exchange
from procurement.transmissions.models import Transmission
from tests.admin.conftest import Browser, member
from tests.api.clients import full_client, order_body
from tests.factories import make_order, make_queued_order, make_supplier, make_user
from tests.parties import make_customer, make_shop

pytestmark = pytest.mark.django_db
Act = Callable[[int, User], Any]


def own_only(username: str, *roles: str) -> User:
    user = member(username, *roles)
    Reach.objects.create(user=user, orders=Orders.OWN)
    return User.objects.get(pk=user.pk)


def bound_to(username: str, *shops: Shop) -> User:
    user = member(username, "Buyer")
    reach = Reach.objects.create(user=user, is_bound_to_shops=True)
    reach.shops.set(shops)
    return User.objects.get(pk=user.pk)


def seen_by(user: User) -> set[str]:
    orders = PurchaseOrder.objects.visible_to(user)
    return set(orders.values_list("number", flat=True))


# --- what is seen -----------------------------------------------------------------


def test_without_a_reach_every_order_is_seen() -> None:
    order = make_order(actor=make_user("stranger"))

    assert seen_by(make_user("buyer")) == {order.number}


def test_own_orders_are_those_bought_and_those_entered() -> None:
    supplier, lisa = make_supplier(), own_only("lisa", "Buyer")
    entered = make_order(supplier, actor=lisa, buyer=make_user("stranger"))
    bought = make_order(supplier, actor=make_user("stranger"), buyer=lisa)
    make_order(supplier, actor=make_user("stranger"))

    assert seen_by(lisa) == {entered.number, bought.number}


def test_who_approves_sees_what_waits_and_what_they_decided() -> None:
    supplier, anna = make_supplier(), own_only("anna", "Approver")
    make_order(supplier)
    waiting, decided = make_order(supplier), make_order(supplier)
    for order in (waiting, decided):
        operations.submit_order(order_id=order.pk, actor=order.buyer)
    approve_order(order_id=decided.pk, actor=anna)

    assert seen_by(anna) == {waiting.number, decided.number}
    assert seen_by(own_only("lisa", "Buyer")) == set()


def test_bound_to_shops_means_orders_for_these_alone() -> None:
    supplier, north, south = make_supplier(), make_shop("north"), make_shop("south")
    ours = make_order(supplier, shop=north)
    make_order(supplier, shop=south)
    make_order(supplier)

    assert seen_by(bound_to("lisa", north)) == {ours.number}
    assert seen_by(bound_to("per")) == set()


def test_customers_of_the_shops_orders_are_seen_and_those_entered() -> None:
    north, lisa = make_shop("north"), bound_to("lisa")
    lisa.reach.shops.set([north])
    ordered, stranger = make_customer("Ordered"), make_customer("Stranger")
    make_order(shop=north, customer=ordered)
    entered = create_customer(actor=lisa, data={"name": "Entered"})

    seen = scoped(type(stranger).objects.all(), lisa)

    assert {customer.name for customer in seen} == {"Ordered", entered.name}


def test_who_is_not_active_sees_nothing() -> None:
    make_order()
    gone = make_user("gone", is_active=False)

    assert seen_by(gone) == set()


def test_superusers_see_everything_whatever_their_reach() -> None:
    order, root = make_order(), User.objects.create_superuser("root")
    Reach.objects.create(user=root, orders=Orders.OWN, is_bound_to_shops=True)

    assert seen_by(User.objects.get(pk=root.pk)) == {order.number}


def test_what_was_sent_of_somebody_elses_order_is_not_seen() -> None:
    supplier, lisa = make_supplier(), own_only("lisa", "Buyer")
    _, ours = make_queued_order(supplier, actor=lisa)
    make_queued_order(supplier, actor=make_user("stranger"))

    assert list(scoped(Transmission.objects.all(), lisa)) == [ours]


def test_a_list_of_a_suppliers_orders_is_no_exchange_of_ones_own() -> None:
    supplier, lisa = make_supplier(), own_only("lisa", "Buyer")
    order = make_order(supplier, actor=lisa)
    placed = make_exchange(supplier, order.number, "place_order")
    make_exchange(supplier, order.number, "find_orders")
    make_exchange(supplier, "PO-2031-999999", "place_order")

    assert list(scoped(Exchange.objects.all(), lisa)) == [placed]


def make_exchange(supplier: Any, subject: str, purpose: str) -> Exchange:
    return Exchange.objects.create(
        conversation=uuid4(),
        supplier=supplier,
        subject=subject,
        purpose=purpose,
        method="POST",
        url="https://vendor.test/",
        started_at=timezone.now(),
        duration_ms=1,
    )


def test_a_reach_costs_one_query_for_a_person() -> None:
    make_order()
    lisa = User.objects.get(pk=own_only("lisa", "Buyer").pk)
    lisa.get_all_permissions()

    with CaptureQueriesContext(connection) as queries:
        list(PurchaseOrder.objects.visible_to(lisa))
        list(OrderEvent.objects.filter(order__in=seen_orders(lisa)))

    assert len(queries) == 3


def seen_orders(user: User) -> Any:
    return PurchaseOrder.objects.visible_to(user)


# --- what operations take ---------------------------------------------------------

ACTS: dict[str, Act] = {
    "submit": lambda pk, u: operations.submit_order(order_id=pk, actor=u),
    "send": lambda pk, u: operations.send_order(order_id=pk, actor=u),
    "cancel": lambda pk, u: operations.cancel_order(order_id=pk, actor=u),
    "change": lambda pk, u: operations.change_order(
        order_id=pk, actor=u, data={"note": "Crafted."}
    ),
    "dismiss": lambda pk, u: operations.dismiss_attention(
        order_id=pk, actor=u, note="Crafted."
    ),
    "approve": lambda pk, u: approve_order(order_id=pk, actor=u),
    "return": lambda pk, u: return_order(order_id=pk, actor=u, comment="Crafted."),
    "refresh": lambda pk, u: refresh_order(order_id=pk, actor=u),
    "check_lines": lambda pk, u: check_lines(order_id=pk, actor=u),
    "ship": lambda pk, u: record_shipment(
        order_id=pk, actor=u, number="DN-1", evidence="A mail."
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_an_order_beyond_reach_is_refused_as_if_it_were_not_there(name: str) -> None:
    order, lisa = make_order(actor=make_user("stranger")), own_only("lisa", "Buyer")

    with pytest.raises(OperationNotAllowed) as beyond:
        ACTS[name](order.pk, lisa)
    with pytest.raises(OperationNotAllowed) as absent:
        ACTS[name](order.pk + 1000, lisa)

    assert beyond.value.text == absent.value.text == "There is no such order."
    assert beyond.value.code == "no_such_order"
    assert order.events.count() == 1
    order.refresh_from_db()
    assert (order.version, order.note) == (1, "")


def test_orders_are_entered_for_ones_own_shops_alone() -> None:
    supplier, north, south = make_supplier(), make_shop("north"), make_shop("south")
    lisa, stranger = bound_to("lisa", north), make_customer("Stranger")

    for shop in (south, None):
        with pytest.raises(InvalidInput) as refused:
            make_order(supplier, actor=lisa, shop=shop)
        assert set(refused.value.errors) == {"shop"}
    with pytest.raises(InvalidInput) as refused:
        make_order(supplier, actor=lisa, shop=north, customer=stranger)
    assert set(refused.value.errors) == {"customer"}
    assert not PurchaseOrder.objects.exists()

    assert make_order(supplier, actor=lisa, shop=north).shop == north


def test_an_order_is_not_moved_out_of_sight() -> None:
    supplier, north, south = make_supplier(), make_shop("north"), make_shop("south")
    lisa, per = bound_to("lisa", north), own_only("per", "Buyer")
    of_shop = make_order(supplier, actor=lisa, shop=north)
    of_per = make_order(supplier, actor=make_user("stranger"), buyer=per)

    with pytest.raises(InvalidInput):
        operations.change_order(order_id=of_shop.pk, actor=lisa, data={"shop": south})
    with pytest.raises(InvalidInput):
        operations.change_order(order_id=of_per.pk, actor=per, data={"buyer": lisa})

    of_shop.refresh_from_db()
    of_per.refresh_from_db()
    assert (of_shop.shop, of_per.buyer) == (north, per)


def test_shops_and_customers_beyond_reach_are_not_there() -> None:
    north, south = make_shop("north"), make_shop("south")
    customer, lisa = make_customer(), bound_to("lisa", north)

    with pytest.raises(OperationNotAllowed, match="no such shop"):
        change_shop(shop_id=south.pk, actor=lisa, data={"name": "Crafted"})
    with pytest.raises(OperationNotAllowed, match="no such customer"):
        change_customer(customer_id=customer.pk, actor=lisa, data={"name": "Crafted"})
    with pytest.raises(OperationNotAllowed, match="bound to the shops"):
        create_shop(actor=lisa, data={"slug": "new", "name": "New"})

    assert Shop.objects.filter(name="Crafted").count() == 0
    assert change_shop(shop_id=north.pk, actor=lisa, data={"name": "N"}).name == "N"


def test_a_refusal_names_no_order_beyond_reach() -> None:
    order, lisa = make_order(actor=make_user("stranger")), own_only("lisa", "Buyer")

    assert named_for(order, lisa) == "another order"
    assert named_for(order, make_user("stranger")) == order.number


# --- keys -------------------------------------------------------------------------


def key_of(shop: Shop, **kwargs: Any) -> APIClient:
    """A key of a user who may do everything, bound to a shop."""
    full_client()
    user = User.objects.get(username="buyer")
    _, text = ApiKey.make(
        name="webshop", user=user, scopes=list(SCOPES), shop=shop, **kwargs
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


@pytest.fixture
def shops(db: None) -> tuple[Shop, Shop]:
    make_supplier()
    return make_shop("north"), make_shop("south")


def test_a_key_enters_orders_for_its_shop_without_naming_it(
    shops: tuple[Shop, Shop],
) -> None:
    north, _ = shops

    entered = key_of(north).post("/api/v1/orders/", order_body(), format="json")
    other = key_of(north).post(
        "/api/v1/orders/", order_body(shop="south"), format="json"
    )

    assert (entered.status_code, entered.json()["shop"]) == (201, "north")
    assert other.json()["errors"] == {
        "shop": "There is no shop south; give the slug of one."
    }
    assert PurchaseOrder.objects.count() == 1


def test_keys_of_two_shops_share_no_reference_and_no_answer(
    shops: tuple[Shop, Shop],
) -> None:
    north, south = shops
    body = order_body(external_reference="WEB-1")
    first = key_of(north).post(
        "/api/v1/orders/", body, format="json", HTTP_IDEMPOTENCY_KEY="once"
    )
    second = key_of(south).post(
        "/api/v1/orders/", body, format="json", HTTP_IDEMPOTENCY_KEY="once"
    )

    number = first.json()["number"]
    assert second.status_code == 409
    assert second.json()["code"] == "external_reference_taken"
    assert number not in second.content.decode()
    again = key_of(north).post(
        "/api/v1/orders/", body, format="json", HTTP_IDEMPOTENCY_KEY="once"
    )
    assert (again.status_code, again.json()["number"]) == (201, number)


def test_an_answer_is_not_repeated_once_its_order_is_out_of_sight(
    shops: tuple[Shop, Shop],
) -> None:
    north, south = shops
    call = {"format": "json", "HTTP_IDEMPOTENCY_KEY": "once"}
    first = key_of(north).post("/api/v1/orders/", order_body(), **call)
    PurchaseOrder.objects.update(shop=south)

    again = key_of(north).post("/api/v1/orders/", order_body(), **call)

    assert first.status_code == 201
    assert again.status_code == 404


def test_a_bound_key_reads_on_past_events_of_others(shops: tuple[Shop, Shop]) -> None:
    north, south = shops
    supplier = make_supplier("eet")
    make_order(supplier, shop=south)
    ours = make_order(supplier, shop=north)
    make_order(supplier, shop=south)
    client = key_of(north)

    page = client.get("/api/v1/events/").json()
    after = client.get(f"/api/v1/events/?after={page['cursor']}").json()

    assert [event["order"] for event in page["results"]] == [ours.number]
    assert page["next"] is None
    assert page["cursor"].startswith(f"o{OrderEvent.objects.latest('pk').pk}.")
    assert after["results"] == []


def test_a_page_of_a_bound_key_ends_where_the_next_begins(
    shops: tuple[Shop, Shop],
) -> None:
    north, south = shops
    supplier = make_supplier("eet")
    numbers = []
    for shop in (north, south, north, south, north):
        order = make_order(supplier, shop=shop)
        numbers += [order.number] if shop == north else []
    client = key_of(north)

    read, address = [], "/api/v1/events/?page_size=2"
    while address:
        page = client.get(address).json()
        read += [event["order"] for event in page["results"]]
        address = page["next"]

    assert read == numbers


def test_the_reach_of_a_key_costs_no_query(shops: tuple[Shop, Shop]) -> None:
    north, _ = shops
    make_order(make_supplier("eet"), shop=north)
    free, bound = full_client(), key_of(north)
    counts = []
    for client in (free, bound):
        client.get("/api/v1/orders/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/api/v1/orders/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_command_binds_a_key_to_a_shop(
    shops: tuple[Shop, Shop], capsys: pytest.CaptureFixture[str]
) -> None:
    north, _ = shops
    make_user("robot")
    arguments = ["create_api_key", "erp", "--user=robot", "--scopes=orders:read"]

    call_command(*arguments, "--shop=north")
    with pytest.raises(CommandError, match="There is no shop east"):
        call_command(*arguments, "--shop=east")

    assert [key.shop for key in ApiKey.objects.all()] == [north]


# --- who sets it ------------------------------------------------------------------


def user_form(user: User, **changes: Any) -> dict[str, Any]:
    """What the page of a user posts, with a reach."""
    return {
        "username": user.username,
        "is_active": "on",
        "is_staff": "on",
        "groups": [group.pk for group in user.groups.all()],
        "reach-TOTAL_FORMS": "1",
        "reach-INITIAL_FORMS": "0",
        "reach-0-user": str(user.pk),
        "reach-0-orders": "own",
        **changes,
    }


def test_an_administrator_limits_a_person_and_the_log_says_so(browser: Browser) -> None:
    lisa, north = member("lisa", "Buyer"), make_shop("north")
    posted = user_form(
        lisa, **{"reach-0-is_bound_to_shops": "on", "reach-0-shops": [north.pk]}
    )

    answer = browser("adam", "Administrator").post(
        f"/admin/auth/user/{lisa.pk}/change/", posted
    )

    assert answer.status_code == 302
    reach = Reach.objects.get(user=lisa)
    assert (reach.orders, reach.is_bound_to_shops) == ("own", True)
    assert list(reach.shops.all()) == [north]
    entry = LogEntry.objects.latest("pk")
    assert (entry.user.username, entry.object_id) == ("adam", str(lisa.pk))
    assert "reach" in entry.get_change_message().lower()


def test_nobody_widens_their_own_reach_or_takes_a_role(browser: Browser) -> None:
    adam = member("adam", "Administrator")
    buyers = member("lisa", "Buyer").groups.get()
    Reach.objects.create(user=adam, orders=Orders.OWN)
    reach = Reach.objects.get(user=adam)
    posted = user_form(
        adam,
        groups=[buyers.pk],
        **{
            "reach-INITIAL_FORMS": "1",
            "reach-0-id": str(reach.pk),
            "reach-0-orders": "all",
            "is_superuser": "on",
        },
    )

    browser("adam", "Administrator").post(f"/admin/auth/user/{adam.pk}/change/", posted)

    adam.refresh_from_db()
    reach.refresh_from_db()
    assert reach.orders == "own"
    assert [group.name for group in adam.groups.all()] == ["Administrator"]
    assert not adam.is_superuser


def test_making_and_revoking_a_key_is_logged(browser: Browser) -> None:
    adam = browser("adam", "Administrator")
    posted = {"name": "erp", "user": make_user("robot").pk, "scopes": ["orders:read"]}
    adam.post("/admin/access/apikey/add/", posted)
    key = ApiKey.objects.get()
    for _ in range(2):
        adam.post(f"/admin/access/apikey/{key.pk}/revoke/")

    assert [
        (event.kind, event.actor and event.actor.username)
        for event in key.events.order_by("pk")
    ] == [("made", "adam"), ("revoked", "adam")]


def test_nobody_gives_their_own_role_more(browser: Browser) -> None:
    adam = member("adam", "Administrator")
    own = adam.groups.get()
    other = member("lisa", "Buyer").groups.get()
    client = browser("adam", "Administrator")

    refused = client.post(f"/admin/auth/group/{own.pk}/change/", {"name": "Mine"})
    taken = client.post(f"/admin/auth/group/{other.pk}/change/", {"name": "Theirs"})

    own.refresh_from_db()
    other.refresh_from_db()
    assert (refused.status_code, taken.status_code) == (403, 302)
    assert (own.name, other.name) == ("Administrator", "Theirs")
