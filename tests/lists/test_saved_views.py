"""Filters kept under a name, through the operations and through the lists."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from procurement.errors import InvalidInput
from procurement.lists.models import DefaultView, SavedView
from procurement.lists.operations import (
    MOST_VIEWS,
    delete_view,
    open_with,
    rename_view,
    save_view,
    share_view,
)
from tests.admin.conftest import Browser, browser, member
from tests.admin.pages import ORDERS, said, text_of
from tests.asserting import refusal
from tests.factories import make_order

__all__ = ["browser"]

pytestmark = pytest.mark.django_db

LIST = "orders.purchaseorder"
LINES = "/admin/orders/orderline/"
VIEWS = f"{ORDERS}views/"


def saved(owner: User, name: str = "Urgent", **changes: object) -> SavedView:
    view = save_view(
        actor=owner, list_name=LIST, name=name, query="show=late&supplier=7"
    )
    if changes:
        SavedView.objects.filter(pk=view.pk).update(**changes)
        view.refresh_from_db()
    return view


@pytest.fixture
def bea() -> User:
    return member("bea", "Buyer")


@pytest.fixture
def carl() -> User:
    return member("carl", "Buyer")


# --- operations -------------------------------------------------------------------


def test_saving_under_the_same_name_takes_the_new_filters(bea: User) -> None:
    first = saved(bea, "  Late   at Nord ")
    again = save_view(actor=bea, list_name=LIST, name="Late at Nord", query="show=mine")

    assert again.pk == first.pk
    assert [(v.name, v.query) for v in SavedView.objects.all()] == [
        ("Late at Nord", "show=mine")
    ]


@pytest.mark.parametrize(
    ("name", "query", "field"),
    [
        (" ", "show=late", "name"),
        ("x" * 61, "show=late", "name"),
        ("Urgent", "", "query"),
        ("Urgent", "q=" + "x" * 2000, "query"),
    ],
)
def test_view_without_a_name_or_filters_is_refused(
    bea: User, name: str, query: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        save_view(actor=bea, list_name=LIST, name=name, query=query)

    assert list(refused.value.errors) == [field]
    assert not SavedView.objects.exists()


def test_views_of_one_list_are_not_endless(bea: User) -> None:
    for index in range(MOST_VIEWS):
        saved(bea, f"View {index}")

    refused = refusal(
        save_view, actor=bea, list_name=LIST, name="One more", query="show=late"
    )

    assert "Delete one first." in refused.text
    assert SavedView.objects.count() == MOST_VIEWS
    saved(bea, "View 3")


def test_sharing_takes_the_permission() -> None:
    auditor = member("audit", "Auditor")
    view = saved(auditor)

    asked = refusal(
        save_view,
        actor=auditor,
        list_name=LIST,
        name="Mine",
        query="show=late",
        is_shared=True,
    )
    refused = refusal(share_view, view_id=view.pk, actor=auditor, is_shared=True)

    assert "may not share" in asked.text
    assert "may not share" in refused.text
    view.refresh_from_db()
    assert (view.is_shared, SavedView.objects.count()) == (False, 1)


def test_only_the_owner_renames_shares_and_deletes(bea: User, carl: User) -> None:
    view = saved(bea, is_shared=True)

    for operation, values in (
        (rename_view, {"name": "Carl's"}),
        (share_view, {"is_shared": False}),
        (delete_view, {}),
    ):
        assert (
            "not yours"
            in refusal(operation, view_id=view.pk, actor=carl, **values).text
        )
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Urgent", True)


def test_name_of_another_view_is_not_taken(bea: User) -> None:
    saved(bea, "Urgent")
    other = saved(bea, "Mine")

    with pytest.raises(InvalidInput):
        rename_view(view_id=other.pk, actor=bea, name="Urgent")

    rename_view(view_id=other.pk, actor=bea, name="Ours")
    other.refresh_from_db()
    assert other.name == "Ours"


def test_deleting_twice_is_refused(bea: User) -> None:
    view = saved(bea)
    delete_view(view_id=view.pk, actor=bea)

    refusal(delete_view, view_id=view.pk, actor=bea)
    assert not SavedView.objects.exists()


def test_list_opens_with_an_own_or_a_shared_view_only(bea: User, carl: User) -> None:
    private, shared = saved(bea), saved(bea, "Shared", is_shared=True)

    refusal(open_with, actor=carl, list_name=LIST, view_id=private.pk)
    refusal(open_with, actor=carl, list_name="orders.orderline", view_id=shared.pk)
    open_with(actor=carl, list_name=LIST, view_id=shared.pk)
    open_with(actor=bea, list_name=LIST, view_id=private.pk)

    assert dict(DefaultView.objects.values_list("user", "view")) == {
        carl.pk: shared.pk,
        bea.pk: private.pk,
    }
    share_view(view_id=shared.pk, actor=bea, is_shared=False)
    assert list(DefaultView.objects.values_list("user", flat=True)) == [bea.pk]
    open_with(actor=bea, list_name=LIST, view_id=None)
    assert not DefaultView.objects.exists()


# --- the list ---------------------------------------------------------------------


def chips(client: Client, address: str = f"{ORDERS}?show=") -> list[str]:
    return [chip.view.name for chip in client.get(address).context["chips"]]


def test_filters_on_the_screen_are_saved_and_opened_again(browser: Browser) -> None:
    client = browser("bea", "Buyer")
    order = make_order()
    page = client.get(f"{ORDERS}?headline=draft&supplier={order.supplier_id}&p=1")
    query = page.context["query_to_save"]

    answer = client.post(f"{VIEWS}save/", {"name": "Drafts", "query": query})
    opened = client.get(answer.headers["Location"])

    assert query == f"headline=draft&supplier={order.supplier_id}"
    assert [row.order.number for row in opened.context["rows"]] == [order.number]
    assert opened.context["chosen_chip"].view.name == "Drafts"
    assert opened.context["notes"] == []


def test_own_and_shared_views_are_offered_in_their_list(browser: Browser) -> None:
    client = browser("bea", "Buyer")
    bea, carl = member("bea", "Buyer"), member("carl", "Buyer")
    saved(bea, "Mine")
    saved(carl, "Private")
    saved(carl, "Shared", is_shared=True)

    assert chips(client) == ["Mine", "Shared"]
    assert chips(client, f"{LINES}?show=") == []
    assert "Shared by carl" in text_of(client.get(f"{ORDERS}?show="))


def test_parameter_the_list_lost_is_left_out_with_a_word(browser: Browser) -> None:
    client = browser("bea", "Buyer")
    view = saved(
        member("bea", "Buyer"), query="headline=draft&colour=red&supplier__name=x"
    )
    order = make_order()
    (chip,) = client.get(f"{ORDERS}?show=").context["chips"]

    page = client.get(chip.url)

    assert chip.url == f"{ORDERS}?headline=draft&view={view.pk}"
    assert [row.order.number for row in page.context["rows"]] == [order.number]
    assert "left out: colour, supplier__name." in text_of(page)


def test_value_that_is_gone_is_left_out_with_a_word(browser: Browser) -> None:
    order = make_order()

    page = browser("bea", "Buyer").get(f"{ORDERS}?supplier=99999")

    assert [row.order.number for row in page.context["rows"]] == [order.number]
    assert "“Supplier” was left out" in text_of(page)


def test_list_opens_with_the_default_view_and_shows_all_on_request(
    browser: Browser,
) -> None:
    client = browser("bea", "Buyer")
    view = saved(member("bea", "Buyer"), query="headline=sent")
    make_order()

    client.post(f"{VIEWS}change/", {"step": "open_with", "id": view.pk})

    answer = client.get(ORDERS)
    assert answer.headers["Location"] == f"{ORDERS}?headline=sent&view={view.pk}"
    assert len(client.get(f"{ORDERS}?show=").context["rows"]) == 1
    client.post(f"{VIEWS}change/", {"step": "all", "id": view.pk})
    assert client.get(ORDERS).status_code == 200


def test_page_of_views_renames_shares_and_deletes(browser: Browser) -> None:
    client = browser("bea", "Buyer")
    view = saved(member("bea", "Buyer"))

    def do(step: str, **values: object) -> str:
        posted = {"step": step, "id": view.pk, **values}
        return said(client.post(f"{VIEWS}change/", posted, follow=True))

    assert "new name" in do("rename", name="Nord")
    assert "Give the view a name." in do("rename", name=" ")
    assert "Everybody finds" in do("share")
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Nord", True)
    assert "yours alone" in do("keep")
    assert "Nord" in text_of(client.get(VIEWS))
    assert "deleted" in do("delete")
    assert "not there any more" in do("delete")
    assert not SavedView.objects.exists()


def test_get_never_acts_and_posts_need_permission_and_token(browser: Browser) -> None:
    client = browser("bea", "Buyer")
    view = saved(member("bea", "Buyer"))

    for address in (f"{VIEWS}save/", f"{VIEWS}change/"):
        assert client.get(address, {"step": "delete", "id": view.pk}).status_code == 404
        assert browser("nobody").post(address, {"id": view.pk}).status_code == 403
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = client.cookies
        assert (
            strict.post(address, {"step": "delete", "id": view.pk}).status_code == 403
        )
    assert (
        client.post(f"{VIEWS}change/", {"step": "x", "id": view.pk}).status_code == 404
    )
    assert (
        client.post(f"{VIEWS}change/", {"step": "delete", "id": "x"}).status_code == 404
    )
    assert browser("nobody").get(VIEWS).status_code == 403
    assert SavedView.objects.count() == 1
