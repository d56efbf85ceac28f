from collections.abc import Callable

import pytest
from django.test import Client

from procurement.fulfilment.models import PollState
from procurement.fulfilment.polling import poll_supplier
from procurement.suppliers.models import Supplier, SupplierEvent, UnknownWord
from procurement.suppliers.operations import change_supplier
from tests.admin.pages import text_of
from tests.factories import make_queued_order, make_supplier
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.contracts import (
    Accepted,
    ChangedOrder,
    VendorOrder,
)

pytestmark = pytest.mark.django_db
Browser = Callable[..., Client]


@pytest.fixture
def administrator(browser: Browser) -> Client:
    return browser("admina", "Administrator")


def names_of(supplier: Supplier) -> str:
    return f"/admin/suppliers/supplier/{supplier.pk}/names/"


def save(client: Client, supplier: Supplier, **names: str) -> object:
    supplier.refresh_from_db()
    form = client.get(names_of(supplier)).context["form"]
    values = {key: form[key].value() or "" for key in form.fields}
    return client.post(
        names_of(supplier),
        {**values, **{key.replace("__", "."): name for key, name in names.items()}},
        follow=True,
    )


def test_every_name_is_shown_with_how_sure_it_is(administrator: Client) -> None:
    page = text_of(administrator.get(names_of(make_supplier())))

    assert "Documented" in page
    assert "Inferred" in page
    assert "path.orders" in page
    assert "the state of a fresh order" in page


def test_name_is_overridden_for_one_supplier_with_its_history(
    administrator: Client,
) -> None:
    supplier, other = make_supplier(), make_supplier(slug="other")

    save(administrator, supplier, query__reference="externalReference")
    page = text_of(save(administrator, supplier, query__reference="orderRef"))

    supplier.refresh_from_db()
    other.refresh_from_db()
    assert supplier.mapping == {"query.reference": "orderRef"}
    assert other.mapping == {}
    assert "externalReference" in page, "what it was before stays to be seen"
    last = SupplierEvent.objects.filter(supplier=supplier).first()
    assert last is not None
    assert last.data["changes"] == {
        "mapping.query.reference": ["externalReference", "orderRef"]
    }


def test_name_left_empty_goes_back_to_the_table(administrator: Client) -> None:
    supplier = make_supplier(mapping={"query.reference": "orderRef"})

    save(administrator, supplier, query__reference="")

    supplier.refresh_from_db()
    assert supplier.mapping == {}


def test_word_can_only_mean_what_we_know(administrator: Client) -> None:
    supplier = make_supplier()

    page = text_of(save(administrator, supplier, order_status__Created="sort of done"))

    assert "Nothing was saved" in page
    supplier.refresh_from_db()
    assert supplier.mapping == {}


def test_change_made_meanwhile_is_not_overwritten(administrator: Client) -> None:
    supplier = make_supplier()
    form = administrator.get(names_of(supplier)).context["form"]
    values = {key: form[key].value() or "" for key in form.fields}
    change_supplier(supplier_id=supplier.pk, actor=None, data={"name": "Other"})

    answer = administrator.post(
        names_of(supplier), {**values, "query.reference": "orderRef"}
    )

    assert "was changed by somebody else" in text_of(answer)


def test_who_may_not_change_suppliers_looks_only(browser: Browser) -> None:
    supplier = make_supplier()
    buyer = browser("buyer", "Buyer")

    assert b'<input type="text"' not in buyer.get(names_of(supplier)).content
    assert buyer.post(names_of(supplier), {}).status_code == 403


def test_unknown_word_is_shown_explained_and_its_order_read_again(
    administrator: Client, fake_vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier = make_supplier()
    order, transmission = make_queued_order(supplier)
    fake_vendor.answers = [Accepted(number="SO-1")]
    transmit(transmission_id=transmission.pk)
    puzzling = VendorOrder(
        number="SO-1",
        reference=order.number,
        raw_status="Pakket",
        fulfilment=None,
        unknown_words=("order_status.Pakket",),
    )
    entry = ChangedOrder(
        number="SO-1",
        reference="",
        raw_status="Pakket",
        changed_at=None,
        order=puzzling,
        fingerprint="f1",
    )
    fake_vendor.pages = [[entry]]
    poll_supplier(supplier_id=supplier.pk)

    order.refresh_from_db()
    assert (
        order.attention == "Extend Nord uses a word that is not in its table: Pakket."
    )
    word = UnknownWord.objects.get()
    assert (word.key, word.subject) == ("order_status.Pakket", order.number)
    page = text_of(
        administrator.get(f"/admin/suppliers/supplier/{supplier.pk}/change/")
    )
    assert "Say what they mean" in page
    assert "order_status.Pakket" in text_of(administrator.get("/admin/"))

    save(administrator, supplier, order_status__Pakket="picking")

    supplier.refresh_from_db()
    assert supplier.mapping == {"order_status.Pakket": "picking"}
    assert not UnknownWord.objects.exists()
    order.refresh_from_db()
    assert (order.supplier_fingerprint, order.supplier_changed_at) == ("", None)
    assert PollState.objects.get().hinted_at is None
