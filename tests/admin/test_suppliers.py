from typing import Any

import pytest
from django.test import Client

from procurement.suppliers.models import Exchange, Supplier, SupplierItem
from procurement.suppliers.operations import change_supplier
from tests.admin.conftest import Browser
from tests.admin.pages import SUPPLIERS, said, text_of
from tests.factories import make_supplier
from tests.fakes import FakeVendor
from vendors.errors import Kind, NotSent

ADD = f"{SUPPLIERS}add/?vendor=eet"


def page_of(supplier: Supplier) -> str:
    return f"{SUPPLIERS}{supplier.pk}/change/"


def act(supplier: Supplier, name: str) -> str:
    return f"{SUPPLIERS}{supplier.pk}/do/{name}/"


def filled_in(client: Client, address: str) -> dict[str, Any]:
    form = client.get(address).context["adminform"].form
    posted = {name: form[name].value() for name in form.fields}
    return {
        name: "" if value is None or value is False else value
        for name, value in posted.items()
    }


def new_supplier(client: Client, **changes: object) -> dict[str, Any]:
    return {
        **filled_in(client, ADD),
        "name": "EET Sverige",
        "slug": "eet-sverige",
        "base_url": "https://api.eet.test",
        "currency": "SEK",
        "mode": "test",
        "credentials.username": "buyer",
        "credentials.password": "s3cret-enough",
        **changes,
    }


@pytest.fixture
def administrator(browser: Browser) -> Client:
    return browser("admina", "Administrator")


def test_vendor_is_chosen_first(administrator: Client) -> None:
    page = text_of(administrator.get(f"{SUPPLIERS}add/"))

    assert "?vendor=eet" in page
    assert "credentials.password" not in page
    assert "credentials.password" in text_of(administrator.get(ADD))


def test_unknown_vendor_leads_to_the_choice(administrator: Client) -> None:
    page = administrator.get(f"{SUPPLIERS}add/?vendor=nonsense")

    assert "?vendor=eet" in text_of(page)


def test_supplier_is_created_by_the_operation(administrator: Client) -> None:
    answer = administrator.post(ADD, new_supplier(administrator))

    assert answer.status_code == 302
    supplier = Supplier.objects.get()
    assert (supplier.vendor, supplier.mode) == ("eet", "test")
    assert supplier.credentials == {"username": "buyer", "password": "s3cret-enough"}
    assert supplier.options == {}
    assert [event.kind for event in supplier.events.all()] == ["created"]


def test_language_of_papers_is_chosen_on_the_form(administrator: Client) -> None:
    administrator.post(ADD, new_supplier(administrator, language="nb"))

    supplier = Supplier.objects.get()
    assert supplier.language == "nb"
    change = {**filled_in(administrator, page_of(supplier)), "language": "sv"}
    administrator.post(page_of(supplier), change)
    supplier.refresh_from_db()
    assert supplier.language == "sv"
    event = supplier.events.first()
    assert event is not None
    assert event.data["changes"] == {"language": ["nb", "sv"]}


def test_faults_stand_at_their_fields(administrator: Client) -> None:
    answer = administrator.post(
        ADD,
        new_supplier(
            administrator,
            **{
                "base_url": "http://api.eet.test",
                "currency": "kronor"[:3],
                "options.batch_size": "many",
            },
        ),
    )

    form = answer.context["adminform"].form
    assert "options.batch_size" in form.errors
    answer = administrator.post(
        ADD, new_supplier(administrator, base_url="http://api.eet.test")
    )
    form = answer.context["adminform"].form
    assert form.errors["base_url"] == ["Give an address that begins with https://."]
    assert not Supplier.objects.exists()


def test_credential_typed_before_a_fault_is_not_shown_again(
    administrator: Client,
) -> None:
    answer = administrator.post(
        ADD, new_supplier(administrator, base_url="http://api.eet.test")
    )

    assert answer.status_code == 200
    assert "s3cret-enough" not in text_of(answer)


def test_empty_credential_keeps_what_is_stored(administrator: Client) -> None:
    supplier = make_supplier()
    posted = filled_in(administrator, page_of(supplier))

    administrator.post(
        page_of(supplier), {**posted, "name": "Nord", "credentials.username": "other"}
    )

    supplier.refresh_from_db()
    assert supplier.name == "Nord"
    assert supplier.credentials == {
        "username": "other",
        "password": "a-password-for-tests",
    }
    event = supplier.events.first()
    assert event is not None
    assert event.data["new_credentials"] == ["username"]


def test_page_says_which_credentials_are_set(administrator: Client) -> None:
    form = administrator.get(page_of(make_supplier())).context["adminform"].form

    assert form.fields["credentials.password"].help_text.startswith("Set;")
    assert form.fields["credentials.webhook_secret"].help_text.startswith("Not set.")


def test_saving_unchanged_writes_nothing(administrator: Client) -> None:
    supplier = make_supplier()

    administrator.post(page_of(supplier), filled_in(administrator, page_of(supplier)))

    supplier.refresh_from_db()
    assert supplier.version == 1
    assert supplier.events.count() == 1


def test_default_of_an_option_is_not_stored(administrator: Client) -> None:
    supplier = make_supplier()
    stored = dict(supplier.options)
    posted = filled_in(administrator, page_of(supplier))

    administrator.post(page_of(supplier), {**posted, "options.warehouse": "WH-2"})

    supplier.refresh_from_db()
    assert supplier.options == {**stored, "warehouse": "WH-2"}


def test_live_asks_to_be_confirmed(administrator: Client) -> None:
    supplier = make_supplier()
    posted = {**filled_in(administrator, page_of(supplier)), "mode": "live"}

    answer = administrator.post(page_of(supplier), posted)
    assert "confirm_live" in answer.context["adminform"].form.errors
    administrator.post(page_of(supplier), {**posted, "confirm_live": "on"})

    supplier.refresh_from_db()
    assert supplier.mode == "live"
    assert "confirm_live" not in text_of(administrator.get(page_of(supplier)))


def test_credential_that_is_not_demanded_can_be_forgotten(
    administrator: Client,
) -> None:
    supplier = make_supplier(
        credentials={
            "username": "u",
            "password": "a-password",
            "webhook_secret_previous": "an-old-secret",
        }
    )
    page = administrator.get(page_of(supplier))
    assert "forget.webhook_secret_previous" in text_of(page)
    assert 'forget.webhook_secret"' not in text_of(page), "there is none to forget"
    assert "forget.password" not in text_of(page)
    posted = filled_in(administrator, page_of(supplier))

    administrator.post(
        page_of(supplier), {**posted, "forget.webhook_secret_previous": "on"}
    )

    supplier.refresh_from_db()
    assert supplier.credentials["webhook_secret_previous"] == ""
    assert supplier.credentials["password"] == "a-password"


def test_new_live_supplier_asks_too(administrator: Client) -> None:
    answer = administrator.post(ADD, new_supplier(administrator, mode="live"))

    assert "confirm_live" in answer.context["adminform"].form.errors
    assert not Supplier.objects.exists()


def test_change_made_meanwhile_is_not_overwritten(administrator: Client) -> None:
    supplier = make_supplier()
    posted = filled_in(administrator, page_of(supplier))
    change_supplier(supplier_id=supplier.pk, actor=None, data={"name": "Other"})

    answer = administrator.post(page_of(supplier), {**posted, "name": "Mine"})

    assert "was changed by somebody else" in text_of(answer)
    assert "Mine" in text_of(answer)
    supplier.refresh_from_db()
    assert supplier.name == "Other"


def test_capabilities_are_shown_with_reasons(administrator: Client) -> None:
    page = text_of(administrator.get(page_of(make_supplier("eet"))))

    assert "Take an order" in page
    assert "API has no shops." in page


def test_check_says_what_was_found(browser: Browser, fake_vendor: FakeVendor) -> None:
    supplier = make_supplier()
    operator = browser("operator", "Operator")

    assert operator.get(act(supplier, "check")).status_code == 302
    assert not Exchange.objects.exists()
    answer = operator.post(act(supplier, "check"), follow=True)

    assert "It works." in said(answer)
    assert answer.context["health"].word == "Works"


def test_failed_check_says_why(
    browser: Browser, fake_vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier = make_supplier()

    def refuse(**_: object) -> str:
        raise NotSent("User name or password refused.", kind=Kind.CREDENTIALS)

    monkeypatch.setattr("procurement.suppliers.operations.check_supplier", refuse)

    answer = browser("operator", "Operator").post(act(supplier, "check"), follow=True)

    assert "User name or password refused." in said(answer)


def test_pause_and_resume(browser: Browser) -> None:
    supplier = make_supplier()
    operator = browser("operator", "Operator")

    operator.get(act(supplier, "pause"))
    supplier.refresh_from_db()
    assert not supplier.is_paused
    page = operator.post(act(supplier, "pause"), follow=True)
    supplier.refresh_from_db()
    assert supplier.is_paused
    assert act(supplier, "resume") in text_of(page)
    operator.post(act(supplier, "resume"))
    supplier.refresh_from_db()
    assert not supplier.is_paused


@pytest.mark.parametrize("name", ["check", "pause", "resume"])
def test_actions_need_their_permission(browser: Browser, name: str) -> None:
    supplier = make_supplier()

    assert browser("buyer", "Buyer").post(act(supplier, name)).status_code == 403
    assert browser("nobody").post(act(supplier, name)).status_code == 403


def test_reader_sees_no_form(browser: Browser) -> None:
    supplier = make_supplier()
    buyer = browser("buyer", "Buyer")

    page = buyer.get(page_of(supplier))
    assert page.status_code == 200
    assert "credentials.password" not in text_of(page)
    assert buyer.post(page_of(supplier), {"name": "x"}).status_code == 403
    assert buyer.get(ADD).status_code == 403
    assert buyer.get(f"{SUPPLIERS}add/").status_code == 403


def test_supplier_is_never_deleted(superuser: Client) -> None:
    supplier = make_supplier()

    assert superuser.post(f"{SUPPLIERS}{supplier.pk}/delete/").status_code == 403


def test_items_are_kept_by_hand(administrator: Client) -> None:
    supplier = make_supplier()

    answer = administrator.post(
        "/admin/suppliers/supplieritem/add/",
        {
            "supplier": supplier.pk,
            "item_number": "SKU-1",
            "pack_quantity": "1",
            "min_order_quantity": "0.5",
        },
    )

    assert answer.status_code == 302, text_of(answer)
    assert str(SupplierItem.objects.get().min_order_quantity) == "0.500"
