from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement import clock
from procurement.coordination.models import Heartbeat
from procurement.orders.operations import submit_order
from procurement.suppliers.models import Supplier, SupplierHealth
from tests.admin.conftest import Browser
from tests.admin.pages import text_of
from tests.admin.test_order_list import make_orders
from tests.factories import make_approved_order, make_order, make_supplier


def figures(client: Client) -> dict[str, str]:
    tiles = client.get("/admin/").context["tiles"]
    return {str(tile.label): tile.figure for tile in tiles}


def test_figures_are_of_what_waits_for_this_person(browser: Browser) -> None:
    supplier = make_supplier()
    own = make_order(supplier)
    submit_order(order_id=own.pk, actor=own.buyer)
    make_approved_order(supplier)

    assert "To approve" not in figures(browser("buyer", "Buyer"))
    assert figures(browser("approver", "Approver"))["To approve"] == "1"
    assert figures(browser("buyer", "Buyer", "Approver"))["To approve"] == "0"
    assert figures(browser("buyer", "Buyer"))["Approved, not sent"] == "1"


def test_figures_stop_at_a_hundred_and_nothing_is_counted(browser: Browser) -> None:
    make_orders(130, make_supplier(), attention="Look at it.")
    client = browser("buyer", "Buyer")

    with CaptureQueriesContext(connection) as queries:
        assert figures(client)["Needs attention"] == "100+"

    assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]


def test_page_costs_the_same_whatever_there_is(browser: Browser) -> None:
    client = browser("approver", "Approver")
    costs = []
    for number in range(3):
        make_orders(20, make_supplier(slug=f"extend-{number}"))
        with CaptureQueriesContext(connection) as queries:
            client.get("/admin/")
        costs.append(len(queries))

    assert len(set(costs[1:])) == 1


def test_lights_say_how_suppliers_are(browser: Browser) -> None:
    now = timezone.now()
    states = {
        "works": {"last_success_at": now},
        "fails": {"last_success_at": now, "failures_in_a_row": 3},
        "held": {"blocked_until": now + timedelta(minutes=5)},
    }
    for slug, health in states.items():
        supplier = make_supplier(slug=slug, name=slug)
        SupplierHealth.objects.filter(supplier=supplier).update(**health)
    Supplier.objects.filter(slug="fails").update(is_paused=False)
    make_supplier(slug="paused", name="paused", is_paused=True)

    page = browser("buyer", "Buyer").get("/admin/")

    lights = {
        supplier.slug: (health.tone, health.word)
        for supplier, health in page.context["suppliers"]
    }
    assert lights == {
        "works": ("green", "Works"),
        "fails": ("amber", "Failing, 3 in a row"),
        "held": ("red", "Held: the account is in trouble"),
        "paused": ("amber", "Paused"),
    }


def test_silent_worker_is_said(browser: Browser) -> None:
    client = browser("buyer", "Buyer")
    assert "The worker is not running." in text_of(client.get("/admin/"))

    Heartbeat.objects.create(worker="one", at=timezone.now())

    assert "The worker is not running." not in text_of(client.get("/admin/"))


def test_mark_says_whether_money_is_at_stake(browser: Browser) -> None:
    client = browser("buyer", "Buyer")
    make_supplier()
    assert "Test only" in text_of(client.get("/admin/"))

    Supplier.objects.update(mode="live")

    assert "Real purchases" in text_of(client.get("/admin/"))


def test_tile_leads_to_the_list_of_what_it_counts(browser: Browser) -> None:
    supplier, today = make_supplier(), clock.today()
    late = {"promised_date": today - timedelta(days=1), "fulfilment": "confirmed"}
    due = {"promised_date": today + timedelta(days=7), "fulfilment": "confirmed"}
    make_orders(2, supplier, **late)
    make_orders(3, supplier, **due)
    make_orders(1, supplier, promised_date=today + timedelta(days=8))
    make_orders(4, supplier, approval="returned")
    client = browser("buyer", "Buyer")

    tiles = {tile.name: tile for tile in client.get("/admin/").context["tiles"]}

    counted = {"late": 2, "due_7": 3, "returned": 4}
    for name, count in counted.items():
        assert tiles[name].figure == str(count)
        assert len(client.get(tiles[name].url).context["rows"]) == count


def test_order_sent_back_waits_for_who_bought_it(browser: Browser) -> None:
    make_orders(1, make_supplier(), approval="returned")

    assert figures(browser("buyer", "Buyer"))["Sent back to me"] == "1"
    assert figures(browser("other", "Buyer"))["Sent back to me"] == "0"


def test_all_figures_come_in_one_query(browser: Browser) -> None:
    make_orders(5, make_supplier(), attention="Look at it.")
    client = browser("buyer", "Buyer", "Approver", "Operator")

    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/")

    counting = [q["sql"] for q in queries if "UNION ALL" in q["sql"]]
    assert len(counting) == 1


def test_home_where_nothing_waits_says_so(browser: Browser) -> None:
    client = browser("buyer", "Buyer")
    assert "Nothing waits for you" in text_of(client.get("/admin/"))

    make_orders(1, make_supplier(), attention="Look at it.")

    assert "Nothing waits for you" not in text_of(client.get("/admin/"))


def test_home_of_somebody_without_a_role_is_no_error(browser: Browser) -> None:
    page = browser("nobody").get("/admin/")

    assert page.status_code == 200
    assert page.context["tiles"] == []
