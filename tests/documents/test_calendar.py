"""Expected deliveries by day, and the secret address other calendars read."""

import logging
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from procurement import clock
from procurement.documents.calendars import feed as feeds
from procurement.documents.calendars import operations
from procurement.documents.calendars.operations import make_feed, revoke_feed
from procurement.documents.models import CalendarFeed
from procurement.errors import OperationNotAllowed
from procurement.logs.formats import formatter
from procurement.masking import mask
from procurement.orders.models import PurchaseOrder
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.admin.conftest import Browser, browser, member
from tests.admin.pages import ORDERS, said, text_of
from tests.asserting import refusal
from tests.factories import make_approved_order, make_supplier, make_user

__all__ = ["browser"]
pytestmark = pytest.mark.django_db
CALENDAR = "/admin/calendar/"
ADDRESS = f"{CALENDAR}address/"
TODAY = date(2031, 5, 14)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)


@pytest.fixture
def buyer(browser: Browser) -> Client:
    return browser("buyer", "Buyer")


def make_expected(
    count: int,
    supplier: Supplier,
    promised: date | None = None,
    requested: date | None = None,
    **changes: object,
) -> list[PurchaseOrder]:
    first = PurchaseOrder.objects.count()
    person = make_user("buyer")
    made = PurchaseOrder.objects.bulk_create(
        PurchaseOrder(
            **{
                "number": f"PO-2031-{first + index:06d}",
                "supplier": supplier,
                "buyer": person,
                "created_by": person,
                "currency": "SEK",
                "approval": "approved",
                "approved_hash": "x",
                "promised_date": promised,
                "requested_date": requested,
                **changes,
            }
        )
        for index in range(count)
    )
    return list(PurchaseOrder.objects.filter(pk__in=[order.pk for order in made]))


def shown(client: Client, query: str = "") -> dict[str, list[str]]:
    """The orders of each day that has some."""
    return {
        day.day.isoformat(): [entry.order.number for entry in day.entries]
        for day in client.get(f"{CALENDAR}{query}").context["days"]
        if day.entries
    }


# --- the page -------------------------------------------------------------------------


def test_order_stands_on_the_promised_day_else_on_the_wanted_one(buyer: Client) -> None:
    supplier = make_supplier()
    (promised,) = make_expected(1, supplier, date(2031, 5, 20), date(2031, 5, 6))
    (wanted,) = make_expected(1, supplier, requested=date(2031, 5, 7))
    make_expected(1, supplier)
    make_expected(1, supplier, date(2031, 5, 20), fulfilment="delivered")
    make_expected(1, supplier, date(2031, 5, 20), fulfilment="cancelled")
    make_expected(1, supplier, date(2031, 5, 20), approval="draft", approved_hash="")
    make_expected(1, supplier, date(2031, 7, 20))

    assert shown(buyer) == {
        "2031-05-07": [wanted.number],
        "2031-05-20": [promised.number],
    }
    page = text_of(buyer.get(CALENDAR))
    assert page.count('class="late"') == 2  # the key, and the wanted one
    assert "May 2031" in page


def test_month_has_whole_weeks_and_leads_on_and_back(buyer: Client) -> None:
    answer = buyer.get(f"{CALENDAR}?day=2031-12-31&mine=1")

    days = [day.day for day in answer.context["days"]]
    assert (days[0], days[-1], len(days)) == (date(2031, 12, 1), date(2032, 1, 4), 35)
    assert answer.context["following"] == "?view=month&day=2032-01-01&mine=1"
    assert answer.context["previous"] == "?view=month&day=2031-11-01&mine=1"


def test_week_begins_on_monday(buyer: Client) -> None:
    answer = buyer.get(f"{CALENDAR}?view=week&day=2031-05-14")

    days = [day.day for day in answer.context["days"]]
    assert (days[0], len(days)) == (date(2031, 5, 12), 7)
    assert answer.context["span"].title == "Week 20, 2031"


@pytest.mark.parametrize("day", ["", "2031-13-01", "x", "0001-01-01", "9999-12-31"])
def test_day_that_is_none_is_today(buyer: Client, day: str) -> None:
    assert buyer.get(CALENDAR, {"day": day}).context["span"].anchor == TODAY


def test_busy_day_is_capped_and_leads_to_the_list(buyer: Client) -> None:
    supplier = make_supplier()
    day = date(2031, 5, 20)
    make_expected(4, supplier, day)
    assert "All of" not in text_of(buyer.get(CALENDAR))

    make_expected(3, supplier, requested=day)

    assert len(shown(buyer)["2031-05-20"]) == 4
    page = buyer.get(f"{CALENDAR}?supplier={supplier.pk}")
    (busy,) = [each for each in page.context["days"] if each.entries]
    rows = buyer.get(busy.more_url).context["rows"]
    assert len(rows) == 7
    assert len(shown(buyer, "?view=week&day=2031-05-20")["2031-05-20"]) == 7


def test_calendar_is_narrowed(buyer: Client) -> None:
    supplier, other = make_supplier(), make_supplier("eet")
    shop = Shop.objects.create(slug="umea", name="Umea")
    day = date(2031, 5, 20)
    (mine,) = make_expected(1, supplier, day, shop=shop)
    (theirs,) = make_expected(1, other, day, buyer=make_user("colleague"))

    for query, found in {
        "": [mine, theirs],
        f"?supplier={other.pk}": [theirs],
        f"?shop={shop.pk}": [mine],
        f"?buyer={theirs.buyer_id}": [theirs],
        "?mine=1": [mine],
        "?supplier=x&shop=-1": [mine, theirs],
        f"?mine=1&supplier={other.pk}": [],
    }.items():
        wanted = {"2031-05-20": [order.number for order in found]} if found else {}
        assert shown(buyer, query) == wanted, query


@pytest.mark.parametrize("query", ["", "?view=week", "?mine=1"])
def test_page_costs_the_same_whatever_there_is(buyer: Client, query: str) -> None:
    supplier = make_supplier()
    costs = []
    for count in (1, 40):
        for offset in range(10):
            day = TODAY + timedelta(days=offset - 5)
            make_expected(count, supplier, day)
            make_expected(count, supplier, requested=day)
        with CaptureQueriesContext(connection) as queries:
            buyer.get(f"{CALENDAR}{query}")
        costs.append(len(queries))
        assert not [each for each in queries if "COUNT(" in each["sql"].upper()]
        assert not [each for each in queries if "credentials" in each["sql"]]

    assert costs[0] == costs[1]
    assert costs[0] <= 12


def test_days_are_found_by_index(buyer: Client) -> None:
    make_expected(1, make_supplier(), TODAY)
    with CaptureQueriesContext(connection) as queries:
        buyer.get(CALENDAR)
    unions = [each["sql"] for each in queries if "UNION ALL" in each["sql"]]
    (union,) = [sql for sql in unions if "requested_date" in sql]

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{union}"
        )
        plan = " ".join(str(row) for row in cursor.fetchall())

    assert "Seq Scan on orders_purchaseorder" not in plan
    assert "SCAN orders_purchaseorder" not in plan
    # Which index it is, PostgreSQL decides by what is in the tables: here nothing is.
    if connection.vendor == "sqlite":
        # Of each pair both begin with the day: the promised, and the wanted one.
        assert "orders_late" in plan or "orders_expected" in plan
        assert "orders_wanted" in plan or "orders_by_wanted_day" in plan


def test_list_has_a_filter_for_expected_days(buyer: Client) -> None:
    supplier = make_supplier()
    (promised,) = make_expected(1, supplier, date(2031, 5, 20), date(2031, 5, 1))
    (wanted,) = make_expected(1, supplier, requested=date(2031, 5, 22))
    make_expected(1, supplier, date(2031, 5, 20), fulfilment="delivered")

    for query, found in {
        "expected_from=2031-05-20": [wanted, promised],
        "expected_to=2031-05-20": [promised],
        "expected_from=2031-05-21&expected_to=2031-05-22": [wanted],
    }.items():
        rows = buyer.get(f"{ORDERS}?{query}").context["rows"]
        assert [row.order for row in rows] == found, query


def test_calendar_is_for_those_who_see_orders(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_expected(1, make_supplier(), TODAY)

    for address in (CALENDAR, ADDRESS):
        assert browser("nobody").get(address).status_code == 403
        assert Client().get(address).status_code == 302
    assert CALENDAR not in text_of(browser("nobody").get("/admin/"))
    auditor = browser("auditor", "Auditor")
    assert CALENDAR in text_of(auditor.get("/admin/"))
    assert shown(auditor)
    monkeypatch.setattr(
        "procurement.orders.models.PurchaseOrderQuerySet.visible_to",
        lambda orders, user: orders.none(),
    )
    assert shown(auditor) == {}
    assert "No delivery is expected" in text_of(auditor.get(CALENDAR))


# --- the file -------------------------------------------------------------------------


def ics(secret: str, **headers: str) -> "Calendar":
    answer = Client().get(f"/calendar/{secret}.ics", headers=headers)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content)


def made_feed(username: str = "buyer", **narrowing: object) -> str:
    return make_feed(actor=member(username, "Buyer"), narrowing=narrowing)[1]


def test_calendar_file_has_an_event_for_each_order() -> None:
    supplier = make_supplier(name="Łódź; Części, AB")
    (late,) = make_expected(1, supplier, TODAY - timedelta(days=2))
    (wanted,) = make_expected(1, supplier, requested=TODAY, is_test=False)
    make_expected(1, supplier, TODAY - timedelta(days=300))

    calendar = ics(made_feed())

    first, second = calendar.walk("VEVENT")
    assert str(first["summary"]) == f"Łódź; Części, AB: {late.number} (Late, Test)"
    assert first["dtstart"].dt == date(2031, 5, 12)
    assert first["dtend"].dt == date(2031, 5, 13)
    assert str(first["uid"]) == f"{late.number}@procurement"
    assert str(first["url"]).endswith(f"/admin/orders/purchaseorder/{late.pk}/change/")
    assert "Buyer: buyer" in str(first["description"])
    assert str(second["summary"]) == f"Łódź; Części, AB: {wanted.number} (Wanted)"
    assert first["dtstamp"].dt == late.updated_at.replace(microsecond=0)


def test_moved_order_keeps_its_entry() -> None:
    order = make_approved_order(make_supplier(), requested_date=TODAY)
    secret = made_feed()
    (before,) = ics(secret).walk("VEVENT")

    PurchaseOrder.objects.filter(pk=order.pk).update(
        promised_date=TODAY + timedelta(days=9), version=9
    )

    (after,) = ics(secret).walk("VEVENT")
    assert after["uid"] == before["uid"]
    assert after["sequence"] > before["sequence"]
    assert after["dtstart"].dt == date(2031, 5, 23)


def test_file_is_narrowed_and_seen_as_its_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    supplier, other = make_supplier(), make_supplier("eet")
    make_expected(1, supplier, TODAY)
    (theirs,) = make_expected(1, other, TODAY, buyer=make_user("colleague"))

    (event,) = ics(made_feed(supplier=str(other.pk))).walk("VEVENT")
    assert theirs.number in str(event["uid"])
    assert len(ics(made_feed(mine="1")).walk("VEVENT")) == 1
    secret = made_feed("colleague")
    monkeypatch.setattr(
        "procurement.orders.models.PurchaseOrderQuerySet.visible_to",
        lambda orders, user: orders.filter(buyer=user),
    )
    (own,) = ics(secret).walk("VEVENT")
    assert theirs.number in str(own["uid"])


def test_file_is_bounded_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST_EVENTS", 3)
    supplier = make_supplier()
    make_expected(2, supplier, TODAY + timedelta(days=3))
    make_expected(2, supplier, requested=TODAY)

    calendar = ics(made_feed())

    days = [event["dtstart"].dt.day for event in calendar.walk("VEVENT")]
    assert days == [14, 14, 17]
    assert "Only the first 3" in str(calendar["x-wr-caldesc"])


def test_file_costs_the_same_queries_whatever_there_is() -> None:
    supplier = make_supplier()
    secret = made_feed()
    ics(secret)
    costs = []
    for count in (1, 50):
        make_expected(count, supplier, TODAY)
        with CaptureQueriesContext(connection) as queries:
            ics(secret)
        costs.append(len(queries))

    assert costs[0] == costs[1]
    assert costs[0] <= 6


def test_unchanged_file_is_not_sent_again() -> None:
    order = make_approved_order(make_supplier(), requested_date=TODAY)
    address = f"/calendar/{made_feed()}.ics"
    first = Client().get(address)
    assert "private" in first["Cache-Control"]

    again = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    PurchaseOrder.objects.filter(pk=order.pk).update(fulfilment="delivered")
    after = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert after.status_code == 200


def test_only_an_open_address_of_an_active_person_opens_anything() -> None:
    secret = made_feed()

    def status(text: str) -> int:
        return Client().get(f"/calendar/{text}.ics").status_code

    assert status(secret) == 200
    assert Client().post(f"/calendar/{secret}.ics").status_code == 405
    assert status("wrong") == 404
    assert status(CalendarFeed.objects.get().secret_hash) == 404
    user = make_user("buyer")
    user.groups.clear()
    assert status(secret) == 404
    member("buyer", "Buyer")
    user.is_active = False
    user.save()
    assert status(secret) == 404


# --- the address ----------------------------------------------------------------------


def secret_on(page: str) -> str:
    return page.split(".ics")[0].split("/calendar/")[-1]


def test_address_is_shown_once_and_only_its_hash_is_kept(buyer: Client) -> None:
    supplier = make_supplier()

    answer = buyer.post(f"{ADDRESS}make/", {"supplier": supplier.pk, "mine": "1"})

    secret = secret_on(text_of(answer))
    assert "no-store" in answer["Cache-Control"]
    feed = CalendarFeed.objects.get()
    assert feed.narrowing == {"supplier": str(supplier.pk), "mine": True}
    assert secret not in str(feed.__dict__)
    assert CalendarFeed.find(secret) == feed
    later = text_of(buyer.get(ADDRESS))
    assert secret not in later
    assert "Make a new address" in later


def test_new_address_ends_the_old_one(buyer: Client) -> None:
    old = secret_on(text_of(buyer.post(f"{ADDRESS}make/")))
    new = secret_on(text_of(buyer.post(f"{ADDRESS}make/")))

    assert old != new
    assert CalendarFeed.find(old) is None
    assert CalendarFeed.find(new) is not None
    assert CalendarFeed.objects.count() == 2


def test_revoked_address_opens_nothing(buyer: Client) -> None:
    secret = secret_on(text_of(buyer.post(f"{ADDRESS}make/")))

    assert buyer.get(f"{ADDRESS}revoke/").status_code == 405
    assert CalendarFeed.find(secret) is not None
    buyer.post(f"{ADDRESS}revoke/")
    assert CalendarFeed.find(secret) is None
    again = buyer.post(f"{ADDRESS}revoke/", follow=True)
    assert "You have no calendar address." in said(again)
    with pytest.raises(OperationNotAllowed):
        revoke_feed(actor=make_user("buyer"))


def test_who_sees_no_orders_makes_no_address(browser: Browser) -> None:
    assert browser("nobody").post(f"{ADDRESS}make/").status_code == 403
    with pytest.raises(OperationNotAllowed):
        make_feed(actor=make_user("nobody"), narrowing={})
    assert not CalendarFeed.objects.exists()


def test_last_reading_is_noted_now_and_then() -> None:
    secret = made_feed()
    ics(secret)
    first = CalendarFeed.objects.get().last_read_at
    assert first is not None

    ics(secret)
    assert CalendarFeed.objects.get().last_read_at == first


def test_secret_stays_out_of_the_log() -> None:
    secret = made_feed()
    path = f"/calendar/{secret}.ics"
    for message, values in (
        ("%s: %s", ("Not Found", path)),
        (f"GET {path} HTTP/1.1", ()),
    ):
        record = logging.LogRecord("x", 30, "x", 1, message, values, None)
        for wanted in ("line", "json"):
            written = formatter(wanted).format(record)
            assert secret not in written
            assert "/calendar/" in written
    own = "/admin/calendar/address/make/"
    assert mask(own) == own


def test_secret_of_a_link_to_decide_stays_out_of_the_log() -> None:
    assert mask("POST /approve/sEcReT-1/ HTTP/1.1") == "POST /approve/…/ HTTP/1.1"
    rest = "POST /api/v1/orders/PO-2031-000042/approve/ HTTP/1.1"
    assert mask(rest) == rest


def test_every_handler_of_the_log_masks_secrets(settings: object) -> None:
    handlers = settings.LOGGING["handlers"].values()  # type: ignore[attr-defined]
    makes = settings.LOGGING["formatters"]["ours"]["()"]  # type: ignore[attr-defined]

    assert {handler["formatter"] for handler in handlers} == {"ours"}
    assert makes == "procurement.logs.formats.formatter"


def test_two_addresses_of_one_moment_are_one(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second is told; the first address goes on opening."""
    buyer = member("buyer", "Buyer")
    _, secret = make_feed(actor=buyer, narrowing={})
    monkeypatch.setattr(operations, "_revoke", lambda actor: 0)

    refused = refusal(make_feed, actor=buyer, narrowing={})

    assert "this very moment" in refused.text
    assert Client().get(f"/calendar/{secret}.ics").status_code == 200
