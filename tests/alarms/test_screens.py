"""The screens of alarms: what is silent, whose it is, and who may say so."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from procurement.alarms.models import Alarm, AlarmRule, Kind
from procurement.alarms.showing import home_card
from procurement.scoping import sight_of
from tests.admin.conftest import Browser, browser, member
from tests.alarms.silence import leave_unsent, make_alarm
from tests.factories import make_supplier

__all__ = ["browser"]

pytestmark = pytest.mark.django_db

LIST = "/admin/alarms/alarm/"
RULES = "/admin/alarms/alarmrule/"


def page_of(alarm: Alarm) -> str:
    return reverse("admin:alarms_alarm_change", args=[alarm.pk])


def acknowledge(client: Client, alarm: Alarm, **data: str) -> int:
    url = reverse("admin:alarms_alarm_acknowledge", args=[alarm.pk])
    status: int = client.post(url, data).status_code
    alarm.refresh_from_db()
    return status


def text_of(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_open_alarms_come_first_the_latest_above(browser: Browser) -> None:
    one, two = make_supplier(slug="one"), make_supplier(slug="two")
    now = timezone.now()
    first = make_alarm(supplier=one)
    over = make_alarm(supplier=two, cleared_at=now)
    last = make_alarm(supplier=two)

    rows = browser("olga", "Operator").get(LIST).context["rows"]

    assert [row.alarm.pk for row in rows] == [last.pk, first.pk, over.pk]


def test_row_says_what_whose_how_many_and_leads_to_the_orders(browser: Browser) -> None:
    supplier = make_supplier(name="Verktygshuset")
    make_alarm(
        supplier=supplier,
        since=timezone.now() - timedelta(days=5),
        count=101,
        sample=["PO-2031-000042"],
    )

    text = text_of(browser("bea", "Buyer"), LIST)

    assert "Approved, nobody sends it" in text
    assert "Verktygshuset" in text
    assert "5\N{NO-BREAK SPACE}days" in text
    assert "PO-2031-000042" in text
    assert "Nobody yet" in text
    address = f"/admin/orders/purchaseorder/?show=to_send&amp;supplier={supplier.pk}"
    assert f'href="{address}" title="Orders">100+<' in text


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.REQUEST_PASSED])
def test_lists_that_alarms_lead_to_are_there(browser: Browser, kind: Kind) -> None:
    client = browser("olga", "Operator")
    make_alarm(kind, make_supplier())

    (row,) = client.get(LIST).context["rows"]

    if row.list_url:
        assert client.get(row.list_url).status_code == 200
    assert client.get(row.url).status_code == 200


def test_page_leads_to_the_orders_it_is_about(browser: Browser) -> None:
    order = leave_unsent()
    alarm = make_alarm(supplier=order.supplier, sample=[order.number, "shop 7"])

    text = text_of(browser("bea", "Buyer"), page_of(alarm))

    address = reverse("admin:orders_purchaseorder_change", args=[order.pk])
    assert f'href="{address}">{order.number}</a>' in text
    assert '<span class="badge">shop 7</span>' in text


def test_page_shows_what_was_done_the_last_times(browser: Browser) -> None:
    supplier = make_supplier()
    make_alarm(
        supplier=supplier, cleared_at=timezone.now(), comment="Asked them to hurry."
    )
    make_alarm(Kind.UNCONFIRMED, supplier, comment="Of another kind.")
    alarm = make_alarm(supplier=supplier)

    text = text_of(browser("bea", "Buyer"), page_of(alarm))

    assert "Asked them to hurry." in text
    assert "Of another kind." not in text


def test_list_costs_the_same_queries_however_many_there_are(browser: Browser) -> None:
    client = browser("olga", "Operator")
    costs = []
    for number in range(3):
        for each in range(3):
            make_alarm(supplier=make_supplier(slug=f"s-{number}-{each}"))
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        costs.append(len(queries))

    assert len(set(costs[1:])) == 1


# --- looking after one ------------------------------------------------------------


def test_person_looks_after_an_alarm(browser: Browser) -> None:
    alarm = make_alarm(supplier=make_supplier())
    client = browser("olga", "Operator")

    assert acknowledge(client, alarm, comment="I call them.", quiet="24") == 302

    assert alarm.acknowledged_by == member("olga", "Operator")
    assert alarm.acknowledged_until == alarm.acknowledged_at + timedelta(days=1)
    text = text_of(client, LIST)
    assert "I call them." in text
    assert "Nobody yet" not in text


def test_without_a_word_nobody_looks_after_it(browser: Browser) -> None:
    alarm = make_alarm()
    client = browser("olga", "Operator")

    assert acknowledge(client, alarm, comment=" ") == 200
    assert alarm.acknowledged_at is None


def test_alarm_that_is_over_is_only_looked_at(browser: Browser) -> None:
    alarm = make_alarm(cleared_at=timezone.now())
    client = browser("olga", "Operator")

    assert acknowledge(client, alarm, comment="Mine.") == 302
    assert alarm.acknowledged_at is None
    assert "I look after it" not in text_of(client, page_of(alarm))


def test_opening_the_address_does_nothing(browser: Browser) -> None:
    alarm = make_alarm()
    url = reverse("admin:alarms_alarm_acknowledge", args=[alarm.pk])

    assert browser("olga", "Operator").get(url).status_code == 302
    alarm.refresh_from_db()
    assert alarm.acknowledged_at is None


@pytest.mark.parametrize("role", ["Approver", "Auditor"])
def test_who_may_only_look_is_not_asked_and_not_heard(
    browser: Browser, role: str
) -> None:
    alarm = make_alarm()
    client = browser("vera", role)

    assert "I look after it" not in text_of(client, page_of(alarm))
    assert acknowledge(client, alarm, comment="Mine.") == 403
    assert alarm.acknowledged_at is None


def test_stranger_sees_nothing(browser: Browser) -> None:
    alarm = make_alarm()
    client = browser("vera")

    assert client.get(LIST).status_code == 403
    assert client.get(page_of(alarm)).status_code == 403
    assert acknowledge(client, alarm, comment="Mine.") == 403
    assert "Alarms" not in text_of(client, "/admin/")


@pytest.mark.parametrize("tail", ["999/change/", "x/change/"])
def test_alarm_that_is_not_there_is_not_found(browser: Browser, tail: str) -> None:
    assert browser("olga", "Operator").get(LIST + tail).status_code == 404


def test_nobody_deletes_or_makes_an_alarm(superuser_client: Client) -> None:
    alarm = make_alarm()

    assert superuser_client.get(f"{LIST}add/").status_code == 403
    delete = reverse("admin:alarms_alarm_delete", args=[alarm.pk])
    assert superuser_client.post(delete, {"post": "yes"}).status_code == 403


@pytest.fixture
def superuser_client(admin_client: Client) -> Client:
    return admin_client


# --- elsewhere --------------------------------------------------------------------


def test_side_bar_counts_what_nobody_looks_after(browser: Browser) -> None:
    make_alarm()
    mine = make_alarm(supplier=make_supplier())
    client = browser("olga", "Operator")

    def badge() -> object:
        (group, *_) = client.get("/admin/").context["sidebar_navigation"]
        (entry,) = (item for item in group["items"] if item["title"] == "Alarms")
        return str(entry["badge"])

    assert badge() == "2"
    acknowledge(client, mine, comment="Mine.")
    assert badge() == "1"
    Alarm.objects.update(cleared_at=timezone.now())
    assert badge() == ""


def test_card_has_the_open_ones_in_one_query(django_assert_num_queries) -> None:
    for number in range(12):
        make_alarm(supplier=make_supplier(slug=f"s-{number}"))
    make_alarm(cleared_at=timezone.now())
    olga = member("olga", "Operator")
    # What every page knows of the person already.
    olga.has_perm("alarms.view_alarm")
    sight_of(olga)

    with django_assert_num_queries(1):
        card = home_card(olga)

    assert len(card["alarm_rows"]) == 10
    assert card["has_more_alarms"]
    assert home_card(member("vera")) == {}


# --- rules ------------------------------------------------------------------------


def test_operator_gives_a_supplier_another_clock(browser: Browser) -> None:
    supplier = make_supplier()
    client = browser("olga", "Operator")
    data = {
        "supplier": supplier.pk,
        "kind": Kind.UNCONFIRMED,
        "is_on": "on",
        "after": "9",
        "unit": "days",
        "reason": "They confirm on Fridays.",
    }

    assert client.post(f"{RULES}add/", data).status_code == 302
    assert AlarmRule.objects.get().clock == timedelta(days=9)
    assert "after 9 days" in text_of(client, RULES)
    twice = client.post(f"{RULES}add/", data)
    assert "This supplier has a rule for that already." in twice.content.decode()


@pytest.mark.parametrize("role", ["Buyer", "Approver", "Auditor"])
def test_others_only_look_at_clocks(browser: Browser, role: str) -> None:
    client = browser("vera", role)

    assert client.get(RULES).status_code == 200
    assert client.get(f"{RULES}add/").status_code == 403
