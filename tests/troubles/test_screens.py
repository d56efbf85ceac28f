"""The list of what needs a person: what it shows, and what its buttons may do."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.models import PurchaseOrder
from procurement.reach.models import Orders, Reach
from procurement.suppliers.models import Supplier, SupplierHealth
from procurement.transmissions.models import State, Transmission
from procurement.transmissions.operations import ask_for_look_up
from procurement.troubles import lists
from procurement.troubles.models import TroubleOwner
from procurement.troubles.operations import hand_over
from tests.admin.conftest import Browser, browser, member
from tests.admin.pages import order_page, said, text_of
from tests.factories import make_queued_order, make_supplier
from tests.fakes import FakeVendor
from tests.troubles.world import (
    LIST,
    failed,
    held_by_account,
    looked_up_by_itself,
    page_of,
    refused,
    state_of,
    unknown,
    waiting,
)
from vendors.errors import Kind

__all__ = ["browser"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def olle(browser: Browser) -> Client:
    return browser("olle", "Operator")


def found(client: Client, query: str = "") -> Any:
    answer = client.get(f"{LIST}{query}")
    assert answer.status_code == 200
    return answer.context["found"]


def labels(client: Client, asked: Transmission) -> list[str]:
    return [
        button.label for button in client.get(page_of(asked)).context["row"].buttons
    ]


def test_equal_errors_are_one_group_with_count_money_and_words(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    nord, syd = make_supplier(name="Nord"), make_supplier(slug="syd", name="Syd")
    for supplier in (nord, nord, syd):
        refused(fake_vendor, supplier)
    failed(fake_vendor, nord)

    groups = found(olle).groups

    told = [
        (each.supplier.name, str(each.first.cause.title), len(each.rows), each.money)
        for each in groups
    ]
    assert told == [
        ("Nord", "Fault of this program", 1, ["249.00\N{NO-BREAK SPACE}SEK"]),
        ("Syd", "Refused data", 1, ["249.00\N{NO-BREAK SPACE}SEK"]),
        ("Nord", "Refused data", 2, ["498.00\N{NO-BREAK SPACE}SEK"]),
    ]
    page = text_of(olle.get(LIST))
    assert "“404: SKU-4410 is not known”" in page
    assert "The supplier read it and said no to what it says." in page


def test_money_is_summed_by_currency(olle: Client, fake_vendor: FakeVendor) -> None:
    supplier = make_supplier()
    refused(fake_vendor, supplier)
    refused(fake_vendor, supplier, currency="EUR")

    assert [text.split("\N{NO-BREAK SPACE}") for text in found(olle).money] == [
        ["249.00", "EUR"],
        ["249.00", "SEK"],
    ]


def test_what_goes_on_by_itself_is_in_the_second_section(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    supplier = make_supplier()
    looked_up_by_itself(fake_vendor, supplier)
    waiting(fake_vendor, Kind.THROTTLED, supplier)

    shown = found(olle)

    assert shown.groups == []
    assert shown.waiting_count == "2"
    titles = [str(each.first.cause.title) for each in shown.waiting]
    assert titles == ["Timed out", "Throttled"]
    assert "Nothing needs a person now." in text_of(olle.get(LIST))


@pytest.mark.parametrize(
    ("sort", "expected"),
    [("", [2, 1, 0]), ("oldest", [0, 1, 2]), ("money", [1, 0, 2])],
)
def test_order_is_newest_oldest_or_by_money(
    olle: Client, fake_vendor: FakeVendor, sort: str, expected: list[int]
) -> None:
    suppliers = [make_supplier(slug=f"s-{number}") for number in range(3)]
    for supplier, total in zip(suppliers, (200, 300, 100), strict=True):
        order, _ = refused(fake_vendor, supplier)
        PurchaseOrder.objects.filter(pk=order.pk).update(total=total)

    groups = found(olle, f"?sort={sort}").groups

    assert [suppliers.index(each.supplier) for each in groups] == expected


def test_list_is_narrowed_by_supplier_cause_and_person(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    nord, syd = make_supplier(), make_supplier(slug="syd")
    mine, at_nord = refused(fake_vendor, nord)
    refused(fake_vendor, syd)
    failed(fake_vendor, nord)
    me = member("olle", "Operator")
    hand_over(transmission_id=at_nord.pk, owner_id=me.pk, actor=me)

    def subjects(query: str) -> int:
        return sum(len(each.rows) for each in found(olle, query).groups)

    assert subjects("") == 3
    assert subjects(f"?supplier={nord.pk}") == 2
    assert subjects(f"?supplier={nord.pk}&cause=refused-data") == 1
    assert subjects("?whose=me") == 1
    assert subjects("?whose=nobody") == 2
    assert subjects("?whose=bought") == 0
    assert subjects("?supplier=x&cause=&whose=?&sort=?&p=-1") == 3
    assert subjects("?p=²") == 3
    PurchaseOrder.objects.filter(pk=mine.pk).update(buyer=me)
    assert subjects("?whose=bought") == 1


def test_long_group_shows_some_and_leads_to_all(
    olle: Client, fake_vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier = make_supplier()
    for _ in range(3):
        refused(fake_vendor, supplier)
    monkeypatch.setattr(lists, "SHOWN_OF_A_GROUP", 2)

    (group,) = found(olle).groups
    assert (len(group.rows), len(group.shown), group.left_out) == (3, 2, 1)
    address = f"?supplier={supplier.pk}&amp;cause=refused-data"
    assert f'href="{address}">1 more of these' in text_of(olle.get(LIST))
    (alone,) = found(olle, address.replace("&amp;", "&")).groups
    assert len(alone.shown) == 3


def test_count_is_capped_and_the_rest_is_on_the_next_page(
    olle: Client, fake_vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier = make_supplier()
    for _ in range(3):
        refused(fake_vendor, supplier)
    monkeypatch.setattr(lists, "WINDOW", 2)

    first = found(olle)
    assert (first.count, first.next_url) == ("2+", "?p=2")
    second = found(olle, "?p=2")
    assert (second.count, second.next_url) == ("3", "")
    assert [len(each.rows) for each in second.groups] == [1]


def test_list_costs_the_same_whatever_there_is(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    supplier, held = make_supplier(), make_supplier(slug="held")
    costs = []
    for rows in (1, 4):
        for _ in range(rows):
            for make in (refused, failed, unknown, looked_up_by_itself):
                make(fake_vendor, supplier)
            waiting(fake_vendor, Kind.CONNECTION, supplier)
            held_by_account(fake_vendor, held)
            SupplierHealth.objects.filter(supplier=held).update(
                blocked_until=timezone.now()
            )
        olle.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            shown = found(olle)
        assert sum(len(each.rows) for each in shown.groups) >= rows * 3
        costs.append(len(queries))
        assert not [each for each in queries if "COUNT(" in each["sql"].upper()]

    assert costs[0] == costs[1]


def test_side_bar_counts_what_needs_a_person(
    browser: Browser, olle: Client, fake_vendor: FakeVendor
) -> None:
    def entry(client: Client) -> Any:
        (group, *_) = client.get("/admin/").context["sidebar_navigation"]
        items = [item for item in group["items"] if item["title"] == "Needs a person"]
        return items[0] if items else None

    assert str(entry(olle)["badge"]) == ""
    refused(fake_vendor)
    assert str(entry(olle)["badge"]) == "1"
    assert entry(olle)["link"] == LIST
    assert entry(browser("vera")) is None


# --- the account of a supplier ----------------------------------------------------


def test_account_in_trouble_is_one_card(
    browser: Browser, olle: Client, fake_vendor: FakeVendor
) -> None:
    supplier = make_supplier()
    held_by_account(fake_vendor, supplier)
    for _ in range(2):
        make_queued_order(supplier)

    answer = olle.get(LIST)
    (card,) = answer.context["cards"]

    assert card.count == "3"
    assert card.money == ["747.00\N{NO-BREAK SPACE}SEK"]
    assert answer.context["found"].groups == answer.context["found"].waiting == []
    check = f"/admin/suppliers/supplier/{supplier.pk}/do/check/"
    assert f'action="{check}"' in text_of(answer)
    assert "Replace the credentials</a>" not in text_of(answer)
    change = f"/admin/suppliers/supplier/{supplier.pk}/change/"
    ada = text_of(browser("ada", "Administrator").get(LIST))
    assert f'href="{change}">Replace the credentials</a>' in ada
    assert check not in text_of(browser("bea", "Buyer").get(LIST))


def test_card_is_gone_once_the_connection_works(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    supplier = make_supplier()
    held_by_account(fake_vendor, supplier)

    olle.post(f"/admin/suppliers/supplier/{supplier.pk}/do/check/")

    answer = olle.get(LIST)
    assert answer.context["cards"] == []
    assert len(answer.context["found"].waiting) == 1


# --- buttons ----------------------------------------------------------------------


def test_buttons_of_an_operator(olle: Client, fake_vendor: FakeVendor) -> None:
    supplier = make_supplier()
    _, lost = unknown(fake_vendor, supplier)
    _, no = refused(fake_vendor, supplier)
    _, broken = failed(fake_vendor, supplier)
    _, unreached = waiting(fake_vendor, Kind.CONNECTION, supplier)
    _, busy = waiting(fake_vendor, Kind.THROTTLED, supplier)

    assert labels(olle, lost) == ["Look up now", "Settle…", "Evidence"]
    assert labels(olle, no) == ["Abandon…", "Evidence"]
    assert labels(olle, broken) == ["Send again…", "Abandon…", "Evidence"]
    assert labels(olle, unreached) == ["Try now", "Evidence"]
    assert labels(olle, busy) == ["Evidence"]


def test_buttons_of_a_buyer(browser: Browser, fake_vendor: FakeVendor) -> None:
    bea = browser("bea", "Buyer")
    supplier = make_supplier()
    _, lost = unknown(fake_vendor, supplier)
    _, no = refused(fake_vendor, supplier)

    assert labels(bea, lost) == ["Evidence"]
    assert labels(bea, no) == ["Edit the order", "Abandon…", "Evidence"]


def test_vendor_that_cannot_be_asked_has_no_look_up(
    olle: Client, silent_vendor: FakeVendor
) -> None:
    _, lost = unknown(silent_vendor, make_supplier("eet"))

    assert labels(olle, lost) == ["Settle…", "Evidence"]
    olle.post(page_of(lost, "look-up/"))
    assert state_of(lost) == State.UNKNOWN
    assert Transmission.objects.get().next_look_up_at is None


@pytest.mark.parametrize("make", [unknown, refused, failed])
def test_every_button_leads_somewhere(
    browser: Browser, olle: Client, fake_vendor: FakeVendor, make: Any
) -> None:
    _, asked = make(fake_vendor)
    for client in (olle, browser("bea", "Buyer")):
        for button in client.get(page_of(asked)).context["row"].buttons:
            if not button.is_post:
                assert client.get(button.url).status_code == 200, button.label


def test_look_up_and_try_are_asked_for_by_post_alone(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    supplier = make_supplier()
    _, lost = unknown(fake_vendor, supplier)
    _, unreached = waiting(fake_vendor, Kind.CONNECTION, supplier)

    for asked, tail in ((lost, "look-up/"), (unreached, "try-now/")):
        assert olle.get(page_of(asked, tail)).status_code == 405
    assert Transmission.objects.get(pk=lost.pk).next_look_up_at is None
    answer = olle.post(page_of(lost, "look-up/"), {"next": LIST}, follow=True)
    assert answer.redirect_chain == [(LIST, 302)]
    assert "The supplier is asked in a moment" in said(answer)
    olle.post(page_of(unreached, "try-now/"))

    assert Transmission.objects.get(pk=lost.pk).next_look_up_at <= timezone.now()
    assert Transmission.objects.get(pk=unreached.pk).next_attempt_at <= timezone.now()
    assert len(fake_vendor.books) == 2


@pytest.mark.parametrize("make", [unknown, refused, failed])
def test_server_refuses_to_try_what_may_have_landed_or_was_refused(
    olle: Client, fake_vendor: FakeVendor, make: Any
) -> None:
    _, asked = make(fake_vendor)

    answer = olle.post(page_of(asked, "try-now/"), follow=True)

    assert "does not wait for a try" in said(answer)
    assert state_of(asked) == asked.state


def test_redirect_leads_to_our_own_pages_alone(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    _, lost = unknown(fake_vendor)

    answer = olle.post(page_of(lost, "look-up/"), {"next": "https://evil.example/"})

    assert answer["Location"] == page_of(lost)


@pytest.mark.parametrize("role", ["Buyer", "Approver", "Auditor"])
def test_who_may_only_look_cannot_act(
    browser: Browser, fake_vendor: FakeVendor, role: str
) -> None:
    _, lost = unknown(fake_vendor)
    client = browser("vera", role)

    assert client.get(LIST).status_code == 200
    for tail in ("look-up/", "try-now/", "hand-over/"):
        assert client.post(page_of(lost, tail)).status_code == 403
    ticked = {"act": "look_up", "trouble": [lost.pk]}
    assert client.post(f"{LIST}ticked/", ticked).status_code == 403
    assert Transmission.objects.get().next_look_up_at is None


def test_stranger_sees_nothing(browser: Browser, fake_vendor: FakeVendor) -> None:
    _, lost = unknown(fake_vendor)
    client = browser("vera")

    assert client.get(LIST).status_code == 403
    assert client.get(page_of(lost)).status_code == 403


def test_order_beyond_reach_is_not_there(olle: Client, fake_vendor: FakeVendor) -> None:
    me, supplier = member("olle", "Operator"), make_supplier()
    Reach.objects.create(user=me, orders=Orders.OWN)
    _, lost = unknown(fake_vendor, supplier)
    own, no = refused(fake_vendor, supplier)
    PurchaseOrder.objects.filter(pk=own.pk).update(buyer=me)

    (group,) = found(olle).groups
    assert [row.transmission for row in group.rows] == [no]
    for tail in ("", "evidence/", "evidence.txt"):
        assert olle.get(page_of(lost, tail)).status_code == 404
        assert olle.get(page_of(no, tail)).status_code == 200
    assert olle.post(page_of(lost, "look-up/")).status_code == 404
    olle.post(f"{LIST}ticked/", {"act": "look_up", "trouble": [lost.pk]})
    with pytest.raises(OperationNotAllowed, match="no such transmission"):
        ask_for_look_up(transmission_id=lost.pk, actor=User.objects.get(pk=me.pk))
    with pytest.raises(OperationNotAllowed, match="no such transmission"):
        hand_over(
            transmission_id=lost.pk,
            owner_id=me.pk,
            actor=User.objects.get(pk=me.pk),
        )
    assert Transmission.objects.get(pk=lost.pk).next_look_up_at is None


def test_nothing_is_handed_to_whom_it_is_beyond_reach(fake_vendor: FakeVendor) -> None:
    _, no = refused(fake_vendor)
    bea = member("bea", "Buyer")
    Reach.objects.create(user=bea, orders=Orders.OWN)

    with pytest.raises(InvalidInput, match="bea may not see it"):
        hand_over(
            transmission_id=no.pk, owner_id=bea.pk, actor=member("olle", "Operator")
        )


# --- handing over and ticking -----------------------------------------------------


def test_trouble_is_handed_over_on_its_page(
    browser: Browser, olle: Client, fake_vendor: FakeVendor
) -> None:
    order, asked = refused(fake_vendor)
    bea = member("bea", "Buyer")

    olle.post(
        page_of(asked, "hand-over/"), {"owner": bea.pk, "note": "Which item instead?"}
    )

    page = text_of(browser("bea", "Buyer").get(f"{LIST}?whose=me"))
    assert order.number in page
    assert "Which item instead?" in page


def test_page_keeps_what_was_typed_when_it_is_refused(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    _, asked = refused(fake_vendor)
    stranger = member("vera")

    answer = olle.post(
        page_of(asked, "hand-over/"), {"owner": stranger.pk, "note": "Kept."}
    )

    assert "vera may not see it." in text_of(answer)
    assert "Kept." in text_of(answer)
    assert not TroubleOwner.objects.exists()


def test_ticked_rows_are_looked_up_and_the_others_say_why_not(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    supplier = make_supplier()
    lost, asked = unknown(fake_vendor, supplier)
    no, refusal = refused(fake_vendor, supplier)

    answer = olle.post(
        f"{LIST}ticked/",
        {"act": "look_up", "trouble": [asked.pk, refusal.pk, "x"]},
        follow=True,
    )

    (_, _, done), (_, _, skipped) = answer.context["groups"]
    assert [row[0] for row in done] == [lost.number]
    assert [(row[0], row[2]) for row in skipped] == [
        (no.number, f"{no.number} is not unknown any more: refused by the vendor.")
    ]


def test_ticked_rows_are_handed_over(olle: Client, fake_vendor: FakeVendor) -> None:
    supplier = make_supplier()
    asked = [refused(fake_vendor, supplier)[1] for _ in range(2)]
    bea = member("bea", "Buyer")

    olle.post(
        f"{LIST}ticked/",
        {
            "act": "hand_over",
            "trouble": [each.pk for each in asked],
            "owner": bea.pk,
            "note": "All the same item.",
        },
    )

    owners = TroubleOwner.objects.values_list("owner__username", "note")
    assert list(owners) == [("bea", "All the same item.")] * 2


@pytest.mark.parametrize("ids", [[], range(1, 102)])
def test_too_few_or_too_many_ticks_do_nothing(
    olle: Client, fake_vendor: FakeVendor, ids: Any
) -> None:
    unknown(fake_vendor)

    answer = olle.post(
        f"{LIST}ticked/", {"act": "look_up", "trouble": list(ids)}, follow=True
    )

    assert answer.redirect_chain == [(LIST, 302)]
    assert Transmission.objects.get().next_look_up_at is None


def test_only_what_is_offered_is_done_to_ticked_rows(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    _, asked = waiting(fake_vendor, Kind.CONNECTION)

    answer = olle.post(f"{LIST}ticked/", {"act": "try_now", "trouble": [asked.pk]})

    assert answer.status_code == 404
    assert olle.get(f"{LIST}ticked/").status_code == 405
    assert olle.get(f"{LIST}ticked/result/").status_code == 404


# --- on other pages ---------------------------------------------------------------


def test_order_page_has_the_card_with_its_buttons(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    order, asked = unknown(fake_vendor)

    page = text_of(olle.get(order_page(order)))

    assert "The supplier gave no answer in time." in page
    assert f'formaction="{page_of(asked, "look-up/")}"' in page
    assert f'href="{page_of(asked)}"' in page


def test_order_without_trouble_has_no_card(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    order, asked = make_queued_order()

    assert "trouble-card" not in text_of(olle.get(order_page(order)))
    detail = f"/admin/transmissions/transmission/{asked.pk}/change/"
    assert f'href="{page_of(asked)}"' in text_of(olle.get(detail))
    assert "Nobody need do anything about it now." in text_of(olle.get(page_of(asked)))


def test_solved_trouble_says_so_and_has_no_buttons(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    order, asked = refused(fake_vendor)
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission="none", attention="")

    answer = olle.get(page_of(asked))

    assert "Nobody need do anything about it now." in text_of(answer)
    assert answer.context["row"].buttons == []
    assert answer.context["form"] is None


def test_hostile_words_of_a_vendor_are_shown_as_text(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    hostile = "<script>alert(1)</script>"
    _, asked = refused(fake_vendor, make_supplier(name=hostile))
    Transmission.objects.update(text=hostile, vendor_text=hostile)

    for address in (LIST, page_of(asked), page_of(asked, "evidence/")):
        page = text_of(olle.get(address))
        assert hostile not in page
        assert "&lt;script&gt;" in page


def test_credentials_are_not_even_read_for_the_list(
    olle: Client, fake_vendor: FakeVendor
) -> None:
    refused(fake_vendor)
    held_by_account(fake_vendor, make_supplier(slug="held"))

    with CaptureQueriesContext(connection) as queries:
        olle.get(LIST)

    column = f'"{Supplier._meta.db_table}"."credentials"'
    assert not [each for each in queries if column in each["sql"]]
