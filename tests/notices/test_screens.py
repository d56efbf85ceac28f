"""The list of one's own notices, its badge, and marking them as read."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement import tiles
from procurement.notices.kinds import Kind
from procurement.notices.models import Notice
from procurement.notices.operations import mark_all_read, mark_read
from procurement.orders.models import PurchaseOrder
from procurement.reach.models import Orders, Reach
from tests.admin.conftest import Browser, browser  # noqa: F401 - a fixture
from tests.admin.pages import order_page, said, text_of
from tests.admin.test_menu import entries
from tests.admin.test_order_list import make_orders
from tests.asserting import refusal
from tests.factories import make_order, make_supplier, make_user

pytestmark = pytest.mark.django_db
PAGE = "/admin/notices/"


@pytest.fixture
def buyer(browser: Browser) -> Client:  # noqa: F811
    return browser("buyer", "Buyer")


def me() -> User:
    return User.objects.get(username="buyer")


def notice(user: User, occasion: str = "one", **more: Any) -> Notice:
    values = {
        "recipient": user,
        "kind": Kind.DEVIATION,
        "occasion": occasion,
        "is_shown": True,
        "created_at": timezone.now(),
        **more,
    }
    return Notice.objects.create(**values)


def test_each_leads_to_its_order_with_its_figures(buyer: Client) -> None:
    order = make_order()
    notice(me(), order=order, detail="5 instead of 6.", data={"by": "Extend Nord"})

    page = text_of(buyer.get(PAGE))

    assert f'href="{order_page(order)}"' in page
    for text in (order.number, "Extend Nord", "249.00", "5 instead of 6."):
        assert text in page


def test_approvals_lead_to_the_screen_where_they_are_given(buyer: Client) -> None:
    order = make_order()
    notice(me(), order=order, kind=Kind.APPROVAL_ASKED)

    assert f'href="/admin/approvals/{order.pk}/"' in text_of(buyer.get(PAGE))


def test_unread_ones_come_first_and_then_the_newest(buyer: Client) -> None:
    for name in ("a", "b", "c", "d"):
        notice(me(), name, is_unread=name in "ac", kind=Kind.LATE, data={"about": name})

    rows = buyer.get(PAGE).context["rows"]

    assert [row.about for row in rows] == ["c", "a", "d", "b"]


def test_list_has_ones_own_alone(buyer: Client) -> None:
    notice(make_user("other"), detail="Of somebody else.")
    notice(me(), is_shown=False, detail="By mail alone.")

    page = text_of(buyer.get(PAGE))

    assert "Nothing to tell you" in page
    assert "Of somebody else." not in page
    assert "By mail alone." not in page


def test_order_that_went_out_of_reach_takes_its_notices_along(buyer: Client) -> None:
    order = make_order()
    notice(me(), order=order)
    other = make_user("other")
    PurchaseOrder.objects.update(buyer=other, created_by=other)
    Reach.objects.create(user=me(), orders=Orders.OWN)

    assert order.number not in text_of(buyer.get(PAGE))


def test_words_of_others_are_escaped(buyer: Client) -> None:
    notice(me(), detail="<script>alert(1)</script>")

    page = text_of(buyer.get(PAGE))

    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_badge_counts_the_unread_and_is_capped(buyer: Client) -> None:
    user = me()
    notice(user, "read", is_unread=False)
    assert str(entries(buyer)["Notices"]["badge"]) == ""  # type: ignore[index]
    notice(user, "unread")
    assert str(entries(buyer)["Notices"]["badge"]) == "1"  # type: ignore[index]
    for number in range(120):
        notice(user, f"{number}")

    assert str(entries(buyer)["Notices"]["badge"]) == "100+"  # type: ignore[index]


def test_without_the_permission_there_is_no_page(browser: Browser) -> None:  # noqa: F811
    client = browser("nobody")

    assert client.get(PAGE).status_code == 403
    assert "Notices" not in entries(client)


def test_page_costs_the_same_whatever_is_on_it(buyer: Client) -> None:
    user = me()
    make_orders(30, make_supplier())
    orders = PurchaseOrder.objects.all()
    notice(user, "first", order=orders[0])
    buyer.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        buyer.get(PAGE)
    for order in orders:
        notice(user, f"of {order.pk}", order=order)

    with CaptureQueriesContext(connection) as many:
        buyer.get(PAGE)

    assert len(many) == len(few)
    counting = [q["sql"] for q in many if "COUNT(" in q["sql"].upper()]
    assert counting == []


def test_pages_follow_each_other(buyer: Client) -> None:
    user = me()
    for number in range(60):
        notice(user, f"{number}")

    first, second = buyer.get(PAGE), buyer.get(f"{PAGE}?p=2")

    assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 10)
    assert (first.context["has_next"], second.context["has_next"]) == (True, False)
    assert buyer.get(f"{PAGE}?p=9").status_code == 302


# --- marking ----------------------------------------------------------------------


def test_reading_takes_a_post(buyer: Client) -> None:
    row = notice(me())

    assert buyer.get(f"{PAGE}{row.pk}/read/").status_code == 405
    assert buyer.get(f"{PAGE}read-all/").status_code == 405
    row.refresh_from_db()
    assert row.is_unread

    buyer.post(f"{PAGE}{row.pk}/read/")

    row.refresh_from_db()
    assert not row.is_unread
    assert row.read_at is not None


def test_badge_follows_what_one_marks_oneself(
    buyer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "BADGES_COUNTED_AGAIN_AFTER", 60.0)
    rows = [notice(me(), "1"), notice(me(), "2")]
    assert str(entries(buyer)["Notices"]["badge"]) == "2"  # type: ignore[index]

    buyer.post(f"{PAGE}{rows[0].pk}/read/")

    assert str(entries(buyer)["Notices"]["badge"]) == "1"  # type: ignore[index]


def test_reading_twice_keeps_the_first_moment() -> None:
    user = make_user("buyer")
    row = notice(user)
    mark_read(notice_id=row.pk, actor=user)
    row.refresh_from_db()
    first = row.read_at

    mark_read(notice_id=row.pk, actor=user)

    row.refresh_from_db()
    assert row.read_at == first


def test_those_of_others_are_not_there_to_be_marked(buyer: Client) -> None:
    row = notice(make_user("other"))

    assert buyer.post(f"{PAGE}{row.pk}/read/").status_code == 404
    assert refusal(mark_read, notice_id=row.pk, actor=me()).code == "not_found"
    row.refresh_from_db()
    assert row.is_unread


def test_all_are_those_that_were_on_the_page(buyer: Client) -> None:
    user = me()
    seen = [notice(user, "1"), notice(user, "2")]
    of_another = notice(make_user("other"))
    newest = buyer.get(PAGE).context["newest"]
    later = notice(user, "3")

    answer = buyer.post(f"{PAGE}read-all/", {"up_to": newest}, follow=True)

    assert said(answer) == "2 notices marked as read."
    unread = set(Notice.objects.filter(is_unread=True))
    assert unread == {later, of_another}
    assert not unread & set(seen)
    assert mark_all_read(actor=user, up_to=newest) == 0


@pytest.mark.parametrize("up_to", ["", "x", "-1", "9" * 30])
def test_page_that_is_out_of_date_marks_nothing(buyer: Client, up_to: str) -> None:
    notice(me())

    answer = buyer.post(f"{PAGE}read-all/", {"up_to": up_to}, follow=True)

    assert said(answer) == "The page is out of date. Load it again."
    assert Notice.objects.get().is_unread
