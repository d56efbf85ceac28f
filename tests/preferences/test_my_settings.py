"""What each person chooses for reading, and that nothing else goes by it."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement import clock
from procurement.adminshow import age
from procurement.errors import InvalidInput
from procurement.orders.models import PurchaseOrder
from procurement.preferences.models import UserPreference
from procurement.preferences.operations import change_preferences, choices_of
from tests.admin.conftest import Browser, browser  # noqa: F401 - a fixture
from tests.admin.pages import text_of
from tests.admin.test_order_list import make_orders
from tests.factories import make_order, make_supplier, make_user

PAGE = "/admin/my-settings/"


def chosen(**changes: str) -> dict[str, str]:
    usual = {"language": "", "time_zone": "", "page_size": ""}
    return {f"reading-{name}": value for name, value in (usual | changes).items()}


@pytest.fixture
def buyer(browser: Browser) -> Client:  # noqa: F811
    return browser("buyer", "Buyer")


def test_choices_are_kept_and_used_at_once(buyer: Client) -> None:
    answer = buyer.post(
        PAGE,
        chosen(language="sv", time_zone="Asia/Tokyo", page_size="25"),
        follow=True,
    )

    page = text_of(answer)
    assert '<html lang="sv"' in page
    assert "JST" in page
    assert answer.headers["Content-Language"] == "sv"
    row = UserPreference.objects.get(user__username="buyer")
    assert (row.language, row.time_zone, row.page_size) == ("sv", "Asia/Tokyo", 25)


def test_choices_hold_after_the_next_login(buyer: Client) -> None:
    buyer.post(PAGE, chosen(language="da"))
    again = Client()
    again.force_login(User.objects.get(username="buyer"))

    assert '<html lang="da"' in text_of(again.get("/admin/"))


def test_change_in_one_browser_reaches_the_others_within_minutes(
    buyer: Client,
) -> None:
    other = Client()
    with time_machine.travel(datetime(2031, 4, 9, 8, tzinfo=UTC), tick=False) as now:
        other.force_login(User.objects.get(username="buyer"))
        buyer.force_login(User.objects.get(username="buyer"))
        buyer.post(PAGE, chosen(language="sv"))
        assert '<html lang="en"' in text_of(other.get("/admin/"))

        now.shift(601)

        assert '<html lang="sv"' in text_of(other.get("/admin/"))


def test_what_is_not_offered_is_said_at_its_field(buyer: Client) -> None:
    answer = buyer.post(PAGE, chosen(time_zone="Atlantis/Capital", language="sv"))

    assert answer.status_code == 200
    assert "There is no such time zone." in text_of(answer)
    assert "Atlantis/Capital" in text_of(answer)
    assert not UserPreference.objects.exists()


@pytest.mark.django_db
def test_operation_refuses_what_is_not_offered() -> None:
    user = make_user("buyer")

    with pytest.raises(InvalidInput) as refusal:
        change_preferences(
            actor=user, language="xx", time_zone="Nowhere", page_size=10_000
        )

    assert set(refusal.value.errors) == {"language", "time_zone", "page_size"}
    assert not UserPreference.objects.exists()


@pytest.mark.django_db
def test_saving_twice_keeps_the_last_choice() -> None:
    user = make_user("buyer")
    for zone in ("Europe/Oslo", ""):
        change_preferences(actor=user, language="nb", time_zone=zone, page_size=None)

    assert choices_of(user).time_zone == ""
    assert UserPreference.objects.count() == 1


@pytest.mark.django_db
def test_choice_that_is_no_longer_offered_counts_as_none() -> None:
    user = make_user("buyer")
    UserPreference.objects.create(user=user, language="fi", time_zone="Mars/Base")

    assert (choices_of(user).language, choices_of(user).time_zone) == ("", "")


def test_without_a_choice_the_browser_is_asked(buyer: Client) -> None:
    page = buyer.get("/admin/", headers={"accept-language": "nb,en;q=0.5"})

    assert '<html lang="nb"' in text_of(page)


def test_rest_stays_english_whatever_the_client_asks_for(client: Client) -> None:
    answer = client.get("/api/v1/orders/", headers={"accept-language": "sv"})

    assert answer.status_code == 401
    assert "Content-Language" not in answer.headers
    assert answer.json()["title"].isascii()


def test_page_has_as_many_rows_as_were_asked_for(buyer: Client) -> None:
    make_orders(30, make_supplier())
    buyer.post(PAGE, chosen(page_size="25"))

    page = buyer.get("/admin/orders/purchaseorder/")

    assert len(page.context["rows"]) == 25


def test_choices_cost_no_query_after_the_login(buyer: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        buyer.get(PAGE)
        buyer.get("/admin/")

    read = [q["sql"] for q in queries if "preferences_userpreference" in q["sql"]]
    assert len(read) == 1, "the page itself shows what is stored"


@pytest.mark.django_db
def test_zone_of_a_person_moves_what_they_read_and_not_what_is_late() -> None:
    order = make_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(promised_date=date(2031, 4, 9))
    order.refresh_from_db()
    late_in_the_evening = datetime(2031, 4, 9, 23, 30, tzinfo=UTC)

    with time_machine.travel(late_in_the_evening), timezone.override("Asia/Tokyo"):
        assert timezone.localdate() == date(2031, 4, 10)
        assert clock.today() == date(2031, 4, 9)
        assert not order.is_late
        assert 'title="2031-04-10 08:30:00 JST"' in age(late_in_the_evening)


def test_days_are_those_of_the_installation(settings) -> None:
    settings.TIME_ZONE = "Europe/Stockholm"
    with timezone.override("America/New_York"):
        assert clock.midnight(date(2031, 4, 9)).astimezone(UTC) == datetime(
            2031, 4, 8, 22, tzinfo=UTC
        )
        assert clock.day_of(datetime(2031, 4, 8, 22, tzinfo=UTC)) == date(2031, 4, 9)


def test_page_is_for_staff_alone(client: Client, db: None) -> None:
    assert client.get(PAGE).status_code == 302
    assert client.post(PAGE, chosen(language="sv")).status_code == 302
    assert not UserPreference.objects.exists()
