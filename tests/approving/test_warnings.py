"""Each warning from facts written down by hand; no database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from procurement.approving.cautions import Weight, counts
from procurement.approving.facts import (
    ApprovedBefore,
    LineFacts,
    OrderFacts,
    Paid,
    Thresholds,
    Twin,
)
from procurement.approving.warnings import warnings_of
from procurement.catalogue.models import ItemOffer
from procurement.customers.models import Customer
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier, SupplierItem

TODAY = date(2031, 4, 9)
THEN = datetime(2031, 4, 1, 12, 0, tzinfo=UTC)


def make_facts(
    *,
    order: dict[str, Any] | None = None,
    supplier: dict[str, Any] | None = None,
    **changes: Any,
) -> OrderFacts:
    """A test order of 249.00 SEK about which nothing is unusual."""
    at = Supplier(
        **{"pk": 1, "name": "Nord", "vendor": "extend", "currency": "SEK"}
        | (supplier or {})
    )
    made = PurchaseOrder(
        **{
            "pk": 7,
            "number": "PO-2031-000007",
            "supplier": at,
            "buyer": User(username="bea"),
            "currency": "SEK",
            "total": Decimal("249.00"),
            "is_test": True,
            "delivery_street": "Provgatan",
            **(order or {}),
        }
    )
    thresholds = Thresholds(
        duplicate_days=14, moved_percent=Decimal(5), offer_percent=Decimal(0)
    )
    facts = {"order": made, "today": TODAY, "thresholds": thresholds}
    return OrderFacts(**facts | {"options": at.options} | changes)


def make_line(
    *, price: str = "41.50", quantity: str = "6", **changes: Any
) -> LineFacts:
    line = OrderLine(
        position=1,
        item_number="SKU-1",
        quantity=Decimal(quantity),
        unit_price=Decimal(price),
    )
    return LineFacts(**{"line": line, "currency": "SEK", **changes})


def offer(price: str = "41.50", **changes: Any) -> ItemOffer:
    return ItemOffer(**{"price": Decimal(price), "currency": "SEK", **changes})


def paid(price: str) -> Paid:
    return Paid(price=Decimal(price), order_id=3, number="PO-3", sent_at=THEN)


def found(facts: OrderFacts) -> list[tuple[str, str]]:
    return [(each.code, each.text) for each in warnings_of(facts)]


def of_line(**changes: Any) -> list[tuple[str, str]]:
    return found(make_facts(lines=(make_line(**changes),)))


def test_nothing_unusual_is_no_warning() -> None:
    assert found(make_facts(lines=(make_line(),))) == []


def test_order_for_the_same_goods_is_named_and_led_to() -> None:
    twin = Twin(
        has_same_reference=False,
        order_id=3,
        number="PO-3",
        buyer="bo",
        created_at=THEN,
    )

    (warning,) = warnings_of(make_facts(twins=(twin,)))

    assert warning.weight is Weight.RED
    assert (warning.order_id, warning.number) == (3, "PO-3")
    assert warning.text == (
        "PO-3 of bo, entered 2031-04-01, is for the same items and quantities at "
        "this supplier."
    )


def test_same_reference_is_a_duplicate_too() -> None:
    twin = Twin(
        has_same_reference=True, order_id=3, number="PO-3", buyer="bo", created_at=THEN
    )
    facts = make_facts(order={"external_reference": "WEB-1"}, twins=(twin,))

    assert found(facts) == [
        (
            "duplicate",
            "PO-3 of bo, entered 2031-04-01, has the same external reference WEB-1.",
        )
    ]


def test_twin_that_may_not_be_seen_is_told_of_without_its_number() -> None:
    twins = (Twin(has_same_reference=True), Twin(has_same_reference=False))

    assert [text for _, text in found(make_facts(twins=twins))] == [
        "An order you may not see has the same external reference.",
        "An order you may not see is for the same goods at this supplier.",
    ]


@pytest.mark.parametrize(
    ("is_test", "mode", "vendor", "expected"),
    [
        (True, "test", "extend", None),
        (False, "live", "extend", ("real_purchase", Weight.NOTE)),
        (False, "test", "extend", ("mode", Weight.RED)),
        (True, "live", "extend", ("mode", Weight.RED)),
        (True, "live", "eet", ("mode", Weight.AMBER)),
    ],
)
def test_test_and_live(
    is_test: bool, mode: str, vendor: str, expected: tuple[str, Weight] | None
) -> None:
    facts = make_facts(
        order={"is_test": is_test}, supplier={"mode": mode, "vendor": vendor}
    )

    warnings = [(each.code, each.weight) for each in warnings_of(facts)]

    assert warnings == ([expected] if expected else [])


def test_real_purchase_is_a_note_that_is_not_counted() -> None:
    facts = make_facts(order={"is_test": False}, supplier={"mode": "live"})
    (note,) = warnings_of(facts)

    assert (note.tone, note.label) == ("amber", "This is a real purchase")
    assert note.text == "249.00\N{NO-BREAK SPACE}SEK at Nord."
    assert counts([note]) == (0, 0)


def test_change_since_an_approval() -> None:
    before = ApprovedBefore(
        at=THEN, by="anna", total=Decimal("200"), changes=("note: – → x",)
    )

    assert found(make_facts(approved_before=before)) == [
        (
            "changed",
            "It was approved on 2031-04-01 by anna at 200.00\N{NO-BREAK SPACE}SEK and "
            "changed since.",
        )
    ]


@pytest.mark.parametrize(
    ("wanted", "days", "codes"),
    [
        (None, 4, []),
        (date(2031, 4, 8), None, ["date_past"]),
        (date(2031, 4, 9), None, []),
        (date(2031, 4, 12), 4, ["date_too_soon"]),
        (date(2031, 4, 13), 4, []),
    ],
)
def test_requested_date(
    wanted: date | None, days: int | None, codes: list[str]
) -> None:
    line = make_line(offer=offer(lead_time_days=days))
    facts = make_facts(order={"requested_date": wanted}, lines=(line,))

    assert [code for code, _ in found(facts)] == codes


def test_longest_lead_time_counts() -> None:
    lines = tuple(make_line(offer=offer(lead_time_days=days)) for days in (1, 9, None))
    facts = make_facts(order={"requested_date": date(2031, 4, 12)}, lines=lines)

    assert found(facts) == [
        ("date_too_soon", "Wanted on 2031-04-12, and the supplier needs 9 days.")
    ]


def test_paused_supplier() -> None:
    assert found(make_facts(supplier={"is_paused": True})) == [
        ("paused", "Nord is paused: the order would wait in the queue.")
    ]


def test_first_order_at_a_supplier() -> None:
    assert found(make_facts(is_first_at_supplier=True)) == [
        ("first_order", "Nothing was sent to Nord before.")
    ]


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (
            {"customer": Customer(pk=1), "shop": Shop(pk=1)},
            "Nothing was sent to this address for this customer before.",
        ),
        (
            {"shop": Shop(pk=1)},
            "Nothing was sent to this address for this shop before.",
        ),
        ({}, "No order without a shop went to this address before."),
    ],
)
def test_new_address(order: dict[str, Any], text: str) -> None:
    facts = make_facts(order=order, is_known_address=False)

    assert found(facts) == [("new_address", text)]


def test_order_without_an_address_has_no_new_one() -> None:
    facts = make_facts(order={"delivery_street": ""}, is_known_address=False)

    assert found(facts) == []


@pytest.mark.parametrize(
    ("supplier", "is_below"),
    [
        ({"options": {"minimum_order_value": "249.01"}}, True),
        ({"options": {"minimum_order_value": "249"}}, False),
        ({"options": {"minimum_order_value": ""}}, False),
        ({"options": {"minimum_order_value": "much"}}, False),
        ({"options": {"minimum_order_value": "NaN"}}, False),
        ({"options": {"minimum_order_value": "500"}, "currency": "EUR"}, False),
        ({}, False),
    ],
)
def test_minimum_value_counts_where_it_is_known_in_the_currency(
    supplier: dict[str, Any], is_below: bool
) -> None:
    codes = [code for code, _ in found(make_facts(supplier=supplier))]

    assert codes == (["below_minimum_value"] if is_below else [])


@pytest.mark.parametrize(
    ("before", "codes"), [("248.99", ["largest"]), ("249.00", []), (None, [])]
)
def test_larger_than_any_before(before: str | None, codes: list[str]) -> None:
    largest = Decimal(before) if before else None

    assert [code for code, _ in found(make_facts(largest_before=largest))] == codes


def test_item_the_supplier_does_not_have() -> None:
    unknown = of_line(offer=offer(is_known=False))
    missing = of_line(item=SupplierItem(missing_since=THEN))

    assert unknown == [("not_sold", "The supplier does not know SKU-1.")]
    assert missing == [
        ("not_sold", "The supplier does not seem to sell SKU-1 any more.")
    ]


def test_price_of_zero_is_serious_and_compared_with_nothing() -> None:
    warnings = warnings_of(
        make_facts(lines=(make_line(price="0", paid=paid("40"), offer=offer()),))
    )

    assert [(each.code, each.weight) for each in warnings] == [
        ("zero_price", Weight.RED)
    ]


@pytest.mark.parametrize(
    ("before", "is_moved"),
    [
        ("40.00", False),
        ("39.52", True),
        ("43.68", False),
        ("43.69", True),
        ("0", False),
    ],
)
def test_price_that_moved_by_more_than_the_threshold(
    before: str, is_moved: bool
) -> None:
    codes = [code for code, _ in of_line(paid=paid(before))]

    assert codes == (["price_moved"] if is_moved else [])


def test_moved_price_says_by_how_much_and_since_which_order() -> None:
    (warning,) = warnings_of(make_facts(lines=(make_line(paid=paid("50.00")),)))

    assert warning.text == "SKU-1 costs 41.50; it was 50.00 in PO-3: -17 %."
    assert (warning.position, warning.order_id) == (1, 3)


def test_price_that_is_not_the_suppliers() -> None:
    assert of_line(offer=offer("41.51")) == [
        ("price_differs", "SKU-1 is ordered at 41.50; the supplier asks 41.51.")
    ]
    assert of_line(offer=offer("41.5000")) == []


def test_offer_is_compared_at_the_price_of_the_quantity() -> None:
    breaks = [["5", "40.00"], ["10", "38.00"]]

    assert of_line(offer=offer(price_breaks=breaks), price="40.00") == []


def test_offer_in_another_currency_is_not_compared() -> None:
    assert of_line(offer=offer("4.00", currency="EUR")) == []


def test_quantity_below_the_least_and_of_no_whole_packs() -> None:
    item = SupplierItem(
        min_order_quantity=Decimal("10.000"), pack_quantity=Decimal("4.000")
    )

    assert of_line(item=item) == [
        ("below_minimum", "6 of SKU-1 are below the least quantity, 10."),
        ("not_whole_packs", "6 of SKU-1 are no whole packs of 4."),
    ]
    assert of_line(item=item, quantity="12") == []


def test_half_a_piece_of_an_item_about_which_nothing_was_told() -> None:
    assert of_line(item=SupplierItem(), quantity="0.5") == []


def test_stock_that_is_not_enough() -> None:
    assert of_line(offer=offer(quantity_available=Decimal("5.000"))) == [
        ("too_few", "The supplier has 5 of SKU-1, and 6 are wanted.")
    ]
    assert of_line(offer=offer(quantity_available=None)) == []


def test_serious_warnings_come_first() -> None:
    facts = make_facts(
        is_first_at_supplier=True, lines=(make_line(price="0"), make_line(price="0"))
    )
    warnings = warnings_of(facts)

    assert [each.code for each in warnings] == [
        "zero_price",
        "zero_price",
        "first_order",
    ]
    assert counts(warnings) == (2, 1)
