from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import vendors
from procurement.shops.models import Shop, ShopRegistration, ShopState
from procurement.shops.operations import change_shop
from procurement.suppliers.models import Exchange, Supplier
from procurement.transmissions.models import Transmission
from tests.admin.conftest import Browser
from tests.admin.pages import said, text_of
from tests.conftest import use_fake
from tests.factories import make_supplier
from tests.parties import asked_for, created_shop, kinds, make_shop
from tests.party_fakes import FakeParties
from tests.sending import transmit
from vendors.contracts import Accepted
from vendors.errors import Kind, OutcomeUnknown, Refused

SHOPS = "/admin/shops/shop/"
HOSTILE = "<script>alert(1)</script>"


def page_of(shop: Shop) -> str:
    return f"{SHOPS}{shop.pk}/change/"


def step(shop: Shop, name: str, slug: str = "extend-nord") -> str:
    return f"{SHOPS}{shop.pk}/at/{slug}/{name}/"


def filled_in(client: Client, address: str) -> dict[str, Any]:
    form = client.get(address).context["adminform"].form
    posted = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in posted.items()}


def shown(client: Client, address: str) -> dict[str, Any]:
    """What a browser would post from the page of a step, left as it is."""
    context = client.get(address).context
    form = context["form"]
    posted = {name: form[name].value() for name in form.fields}
    hidden = {"version": context["version"], "confirmed": context.get("confirmed", "")}
    values = {name: value for name, value in posted.items() if value}
    return {**hidden, **values}


@pytest.fixture
def buyer(browser: Browser) -> Client:
    return browser("buyer", "Buyer")


@pytest.fixture
def supplier(parties: FakeParties, db: None) -> Supplier:
    return make_supplier()


# --- entering ---------------------------------------------------------------------


def test_shop_is_entered_and_changed_by_the_operations(buyer: Client) -> None:
    posted = {
        **filled_in(buyer, f"{SHOPS}add/"),
        "name": "Fjellbutikken",
        "slug": "fjell",
        "city": "Oslo",
        "country_code": "NO",
    }
    assert buyer.post(f"{SHOPS}add/", posted).status_code == 302
    shop = Shop.objects.get()

    buyer.post(page_of(shop), {**filled_in(buyer, page_of(shop)), "city": "Bergen"})

    shop.refresh_from_db()
    assert (shop.city, shop.version) == ("Bergen", 2)
    assert kinds(shop) == ["created", "changed"]
    assert "city: Oslo → Bergen" in text_of(buyer.get(page_of(shop)))


def test_faults_stand_at_their_fields(buyer: Client) -> None:
    posted = {**filled_in(buyer, f"{SHOPS}add/"), "name": "x", "slug": "x"}

    answer = buyer.post(f"{SHOPS}add/", {**posted, "country_code": "no"})

    assert "country_code" in answer.context["adminform"].form.errors
    assert not Shop.objects.exists()


def test_saving_unchanged_writes_nothing(buyer: Client) -> None:
    shop = make_shop()

    buyer.post(page_of(shop), filled_in(buyer, page_of(shop)))

    shop.refresh_from_db()
    assert (shop.version, kinds(shop)) == (1, ["created"])


def test_change_made_meanwhile_is_not_overwritten(buyer: Client) -> None:
    shop = make_shop()
    posted = filled_in(buyer, page_of(shop))
    change_shop(shop_id=shop.pk, actor=None, data={"phone": "1"})

    answer = buyer.post(page_of(shop), {**posted, "phone": "2"})

    assert "was changed meanwhile" in text_of(answer)
    shop.refresh_from_db()
    assert shop.phone == "1"


# --- at a supplier ----------------------------------------------------------------


def test_shop_is_created_from_its_page(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    shop = make_shop()
    assert step(shop, "create") in text_of(buyer.get(page_of(shop)))
    page = text_of(buyer.get(step(shop, "create")))
    assert "Owner party" in page
    assert "lager@fjell.example" in page

    answer = buyer.post(
        step(shop, "create"),
        {
            **shown(buyer, step(shop, "create")),
            "details.owner": "nordlys",
            "details.vat": "on",
        },
        follow=True,
    )

    assert "it is on its way" in said(answer)
    assert "To be created" in text_of(answer)
    transmit(transmission_id=Transmission.objects.get().pk)
    (sent,) = parties.shops
    assert sent.details == {"owner": "nordlys", "vat": True}
    page = text_of(buyer.get(page_of(shop)))
    assert "20431" in page
    assert "Created: Extend Nord" in page
    talk = Exchange.objects.get().conversation
    assert f"/admin/suppliers/exchange/talk/{talk}/" in page


def test_opening_the_page_does_nothing(buyer: Client, supplier: Supplier) -> None:
    shop = make_shop()

    for name in ("create", "push"):
        assert buyer.get(step(shop, name)).status_code == 200

    assert not Transmission.objects.exists()
    assert not ShopRegistration.objects.exists()


def test_fault_of_a_detail_stands_at_its_field(
    buyer: Client, supplier: Supplier
) -> None:
    shop = make_shop()

    answer = buyer.post(step(shop, "create"), shown(buyer, step(shop, "create")))

    assert answer.context["form"].errors == {"details.owner": ["Give Owner party."]}
    assert not Transmission.objects.exists()


def test_objections_are_shown_before(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    parties.against_shops = ("The e-mail is missing; DI demands one.",)
    shop = make_shop()

    page = text_of(buyer.get(step(shop, "create")))
    posted = {**shown(buyer, step(shop, "create")), "details.owner": "x"}
    answer = buyer.post(step(shop, "create"), posted)

    assert "could not take it" in page
    assert "DI demands one." in page
    assert answer.context["form"].non_field_errors() == list(parties.against_shops)
    assert not Transmission.objects.exists()


def test_shop_changed_since_the_page_was_opened_is_looked_at_again(
    buyer: Client, supplier: Supplier
) -> None:
    shop = make_shop()
    posted = {**shown(buyer, step(shop, "create")), "details.owner": "x"}
    change_shop(shop_id=shop.pk, actor=None, data={"email": "ny@fjell.example"})

    answer = buyer.post(step(shop, "create"), posted)

    assert "was changed meanwhile" in text_of(answer)
    assert "ny@fjell.example" in text_of(answer)
    assert not Transmission.objects.exists()


def test_push_shows_what_will_change_and_pushes_that(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    registration = created_shop(supplier)
    shop = registration.shop
    change_shop(shop_id=shop.pk, actor=None, data={"email": "ny@fjell.example"})
    assert "Changed here since: e-mail." in text_of(buyer.get(page_of(shop)))

    page = buyer.get(step(shop, "push"))
    assert page.context["changes"] == [
        ("E-mail", "lager@fjell.example", "ny@fjell.example")
    ]
    buyer.post(step(shop, "push"), shown(buyer, step(shop, "push")))
    transmit(transmission_id=Transmission.objects.latest("pk").pk)

    assert [sent.email for sent in parties.pushes] == ["ny@fjell.example"]
    assert "Latest push: pushed." in text_of(buyer.get(page_of(shop)))


def test_details_typed_are_shown_as_changes_before_they_go(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    registration = created_shop(supplier)
    address = step(registration.shop, "push")
    typed = {**shown(buyer, address), "details.products": "b"}

    answer = buyer.post(address, typed)
    assert "not what was shown" in text_of(answer)
    assert answer.context["changes"] == [("Products", "–", "b")]
    assert not Transmission.objects.filter(operation="update_shop").exists()
    buyer.post(address, {**typed, "confirmed": answer.context["confirmed"]})

    assert Transmission.objects.filter(operation="update_shop").exists()


def test_nothing_to_push_is_said(buyer: Client, supplier: Supplier) -> None:
    address = step(created_shop(supplier).shop, "push")

    assert "Nothing: the supplier has all of it" in text_of(buyer.get(address))
    answer = buyer.post(address, shown(buyer, address))

    assert "There is nothing to push" in text_of(answer)


def test_unknown_outcome_is_settled_by_an_operator(
    browser: Browser, supplier: Supplier, parties: FakeParties
) -> None:
    parties.shop_answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    shop = created_shop(supplier).shop
    operator = browser("operator", "Operator")
    page = text_of(operator.get(page_of(shop)))
    assert "a person has to find out" in page
    assert step(shop, "settle") in page

    empty = operator.post(step(shop, "settle"), {"outcome": "done"})
    assert "evidence" in empty.context["form"].errors
    operator.post(
        step(shop, "settle"),
        {"outcome": "done", "vendor_id": "7", "evidence": "Asked Kari at DI."},
    )

    found = shop.registrations.get()
    assert (found.state, found.vendor_id) == ("created", "7")
    assert "Asked Kari at DI." in text_of(operator.get(page_of(shop)))


def test_id_is_recorded_by_an_operator(
    browser: Browser, supplier: Supplier, parties: FakeParties
) -> None:
    parties.shop_answers = [Accepted(number=None, note="Ask DI for it.")]
    shop = created_shop(supplier).shop
    operator = browser("operator", "Operator")
    assert "Ask DI for it." in text_of(operator.get(page_of(shop)))

    operator.post(
        step(shop, "record"),
        {
            **shown(operator, step(shop, "record")),
            "vendor_id": "88",
            "evidence": "Mail.",
        },
    )

    assert shop.registrations.get().vendor_id == "88"


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("Buyer", {"create", "push"}),
        ("Operator", {"record", "settle"}),
        ("Administrator", {"create", "push", "record", "settle"}),
        ("Approver", set()),
        ("Auditor", set()),
    ],
)
def test_steps_are_for_those_who_may(
    browser: Browser, supplier: Supplier, role: str, allowed: set[str]
) -> None:
    shop = make_shop()
    person = browser(role.lower(), role)

    page = text_of(person.get(page_of(shop)))
    for name in ("create", "push", "record", "settle"):
        for answer in (person.get(step(shop, name)), person.post(step(shop, name))):
            assert answer.status_code == (200 if name in allowed else 403), name
    assert ("What can&#x27;t be done now" in page or "can't be done" in page) == bool(
        allowed
    )
    assert not Transmission.objects.exists()


def test_page_that_is_not_there(buyer: Client, supplier: Supplier) -> None:
    shop = make_shop()

    for address in (
        step(shop, "destroy"),
        step(shop, "create", slug="nobody"),
        f"{SHOPS}999/at/extend-nord/create/",
    ):
        assert buyer.get(address).status_code == 404


def test_vendor_without_shops_says_why(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_fake(monkeypatch, FakeParties(can_create_shops=False))
    make_supplier()
    shop = make_shop()
    administrator = browser("admina", "Administrator")

    page = administrator.get(page_of(shop))
    (row,) = page.context["rows_beside"]

    assert row.reason == "This vendor can't do that."
    assert step(shop, "create") not in text_of(page)
    assert step(shop, "record") in text_of(page)


@pytest.mark.parametrize("code", vendors.CODES)
def test_every_vendor_has_its_pages(browser: Browser, code: str) -> None:
    supplier = make_supplier(code, credentials={})
    shop = make_shop()
    administrator = browser("admina", "Administrator")

    assert administrator.get(page_of(shop)).status_code == 200
    for name in ("create", "push", "record", "settle"):
        page = administrator.get(step(shop, name, slug=supplier.slug))
        assert page.status_code == 200, name
    asked = [field.label for field in vendors.get(code).shop_fields]
    page = text_of(administrator.get(step(shop, "create", slug=supplier.slug)))
    assert [label for label in asked if label not in page] == []


def test_refusal_of_the_vendor_is_shown_in_its_words_and_harmless(
    buyer: Client, supplier: Supplier, parties: FakeParties
) -> None:
    parties.shop_answers = [Refused(HOSTILE, vendor_text=HOSTILE)]
    registration, asked = asked_for(
        make_shop(name=HOSTILE, legal_name=HOSTILE), supplier, owner=HOSTILE
    )
    transmit(transmission_id=asked.pk)

    for address in (
        SHOPS,
        page_of(registration.shop),
        step(registration.shop, "create"),
        step(registration.shop, "push"),
        "/admin/transmissions/transmission/",
    ):
        page = text_of(buyer.get(address))
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page


def test_transmission_leads_to_the_shop(
    browser: Browser, supplier: Supplier, parties: FakeParties
) -> None:
    parties.shop_answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    registration = created_shop(supplier)
    asked = Transmission.objects.get()
    operator = browser("operator", "Operator")
    queue = "/admin/transmissions/transmission/"

    page = text_of(operator.get(f"{queue}{asked.pk}/change/"))
    assert "Open the shop" in page
    assert page_of(registration.shop) in page
    assert "a person settles it, on the shop" in text_of(operator.get(queue))
    found = operator.get(f"{queue}?q={registration.subject}").context["cl"].result_list
    assert [row.pk for row in found] == [asked.pk]


def test_list_shows_where_shops_are_and_costs_the_same(
    buyer: Client, supplier: Supplier
) -> None:
    costs = []
    for number in range(3):
        for extra in range(number + 1):
            _, asked = asked_for(make_shop(f"shop-{number}-{extra}"), supplier)
            transmit(transmission_id=asked.pk)
        with CaptureQueriesContext(connection) as queries:
            page = text_of(buyer.get(SHOPS))
        costs.append(len(queries))

    assert "There: 20431" in page
    assert len(set(costs)) == 1
    assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]


def test_page_costs_the_same_however_long_its_story(
    buyer: Client, supplier: Supplier
) -> None:
    shop = created_shop(supplier).shop
    costs = []
    for phone in ("1", "2", "3"):
        change_shop(shop_id=shop.pk, actor=None, data={"phone": phone})
        with CaptureQueriesContext(connection) as queries:
            buyer.get(page_of(shop))
        costs.append(len(queries))

    assert len(set(costs)) == 1


def test_state_of_every_registration_has_a_tone() -> None:
    from procurement.shops.admin import ShopAdmin

    assert set(ShopAdmin.tones) == set(ShopState)
