"""Extend's states in our words; expected values follow from its vocabulary."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import simplejson
from hypothesis import given
from hypothesis import strategies as st

from vendors.contracts import (
    Fulfilment,
    VendorCharge,
    VendorLine,
    VendorOrder,
    VendorShipment,
)
from vendors.extend.mapping import MAPPING
from vendors.extend.rows import RANK
from vendors.extend.status import to_order

PAYLOADS = Path(__file__).parent / "payloads"
NAMES = {key: name.value for key, name in MAPPING.items()}
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def recorded(name: str) -> VendorOrder:
    text = (PAYLOADS / name).read_text()
    return to_order(simplejson.loads(text, use_decimal=True), NAMES, STOCKHOLM)


def row(position: int, status: str, quantity: int = 6, **members) -> dict:
    return {
        "position": position,
        "product": {"productNumber": f"SKU-{position}"},
        "salesData": {"quantity": quantity, "unit": "ST"},
        "orderRowStatus": status,
        **members,
    }


def delivered(quantity: int, unit: str = "ST") -> dict:
    return {"deliveryData": {"quantity": quantity, "unit": unit}}


def judged(status: str | None, *rows: dict, **header) -> VendorOrder:
    data = {
        "orderHeader": {"orderNumber": "SO-1", "orderStatus": status, **header},
        "orderRows": list(rows),
    }
    return to_order(data, NAMES, STOCKHOLM)


# --- recorded orders ----------------------------------------------------------


def test_a_fresh_order_is_confirmed_and_its_freight_is_a_charge_and_no_line():
    assert recorded("order_incoming.json") == VendorOrder(
        number="SO-70012",
        reference="PO-2031-000042",
        raw_status="Incoming",
        fulfilment=Fulfilment.CONFIRMED,
        lines=(
            VendorLine(
                position=1,
                item_number="SKU-4410",
                quantity=Decimal(6),
                is_confirmed=True,
                unit_price=Decimal("41.50"),
                promised_date=date(2031, 4, 9),
                raw_status="Incoming",
            ),
        ),
        charges=(VendorCharge(text="FREIGHT", amount=Decimal(95)),),
    )


def test_an_order_shipped_in_part_keeps_its_split_row_together():
    assert recorded("order_partly_shipped.json") == VendorOrder(
        number="SO-70013",
        reference="PO-2031-000043",
        raw_status="PartiallyDelivered",
        fulfilment=Fulfilment.PARTIALLY_SHIPPED,
        lines=(
            VendorLine(
                position=1,
                item_number="SKU-4410",
                quantity=Decimal(6),
                is_confirmed=True,
                quantity_picking=Decimal(2),
                quantity_shipped=Decimal(4),
                unit_price=Decimal("41.5"),
                promised_date=date(2031, 4, 15),
                raw_status="Picked, Reserved",
            ),
            VendorLine(
                position=2,
                item_number="SKU-5500",
                quantity=Decimal(3),
                quantity_cancelled=Decimal(3),
                unit_price=Decimal(10),
                raw_status="Annulled",
            ),
        ),
        shipments=(
            VendorShipment(
                number="SH-1",
                shipped_at=datetime(2031, 4, 8, 11, 0, tzinfo=UTC),
                forwarder="Schenker",
                packages=("370000000001", "370000000002"),
                quantities={1: Decimal(4)},
            ),
            VendorShipment(
                number="SH-2", shipped_at=datetime(2031, 4, 8, 13, 0, tzinfo=UTC)
            ),
        ),
        is_invoiced=True,
        is_locked=True,
        changed_at=datetime(2031, 4, 8, 12, 30, tzinfo=UTC),
    )


def test_a_kit_is_as_far_as_its_parts():
    order = recorded("order_kit.json")

    # Parts: 4 of 4 and 1 of 2, for 2 kits; so one kit is whole.
    [line] = order.lines
    assert (line.position, line.item_number) == (1, "KIT-1")
    assert (line.quantity, line.quantity_shipped) == (2, 1)
    assert line.quantity_picking == 1
    assert line.raw_status == "Picked, Reserved"
    assert order.fulfilment is Fulfilment.PARTIALLY_SHIPPED


# --- the head alone -----------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "fulfilment", "has_attention", "is_locked"),
    [
        ("Created", Fulfilment.NONE, False, False),
        ("Incoming", Fulfilment.CONFIRMED, False, False),
        ("INCOMING", Fulfilment.CONFIRMED, False, False),
        ("IncomingWithErrors", Fulfilment.NONE, True, False),
        ("PendingForReview", Fulfilment.NONE, True, False),
        ("OnHoldPayment", Fulfilment.NONE, True, False),
        ("OnHoldManual", Fulfilment.NONE, True, False),
        ("Pause", Fulfilment.NONE, True, False),
        ("Subscription", Fulfilment.NONE, True, False),
        ("Draft", Fulfilment.NONE, True, False),
        ("DraftAllocation", Fulfilment.NONE, True, False),
        ("Reserved", Fulfilment.PICKING, False, True),
        ("PartiallyDelivered", Fulfilment.PARTIALLY_SHIPPED, False, True),
        ("Annulled", Fulfilment.CANCELLED, False, False),
        ("Terminated", None, True, True),
        ("Processing", None, True, False),
        ("", None, False, False),
        (None, None, False, False),
    ],
)
def test_the_word_of_the_head_means_this(word, fulfilment, has_attention, is_locked):
    order = judged(word)

    assert order.fulfilment is fulfilment
    assert bool(order.attention or order.unknown_words) is has_attention
    assert order.is_locked is is_locked


def test_every_documented_word_has_a_meaning():
    words = [key.partition(".") for key in NAMES if "_status." in key]
    assert len(words) == 14 + 18 + 4
    for kind, _, word in words:
        if kind == "order_status":
            order = judged(word)
        elif kind == "row_status":
            order = judged("Incoming", row(10, word))
        else:
            order = judged("Incoming", row(10, "Incoming", allocationStatus=word))
        assert order.unknown_words == ()


# --- head and rows together ---------------------------------------------------


@pytest.mark.parametrize(
    ("word", "rows", "fulfilment"),
    [
        ("Created", ["ConfirmationSent", "PurchaseConfirmed"], Fulfilment.CONFIRMED),
        ("Created", ["ConfirmationSent", "Created"], Fulfilment.NONE),
        ("Incoming", ["PurchaseDelivered"], Fulfilment.CONFIRMED),
        ("Incoming", ["Incoming", "Reserved"], Fulfilment.PICKING),
        ("Incoming", ["ReservedWithErros"], Fulfilment.PICKING),
        ("Incoming", ["Incoming", "Picked"], Fulfilment.PARTIALLY_SHIPPED),
        ("Reserved", ["Picked", "Picked"], Fulfilment.SHIPPED),
        ("PartiallyDelivered", ["Picked", "Annulled"], Fulfilment.SHIPPED),
        ("Incoming", ["Annulled", "Annulled"], Fulfilment.CANCELLED),
        ("OnHoldManual", ["Picked", "Pause"], Fulfilment.PARTIALLY_SHIPPED),
        ("Processing", ["Picked", "Picked"], Fulfilment.SHIPPED),
        ("Processing", ["Sleeping"], None),
        ("Incoming", ["Picked", "Sleeping"], Fulfilment.PARTIALLY_SHIPPED),
        ("Terminated", ["Picked", "Picked"], Fulfilment.SHIPPED),
        ("Terminated", ["Picked", "Annulled"], Fulfilment.SHIPPED),
        ("Terminated", ["Picked", "Incoming"], Fulfilment.SHIPPED),
        ("Terminated", ["Incoming", "Incoming"], None),
        ("Terminated", ["Annulled", "Annulled"], Fulfilment.CANCELLED),
        ("Annulled", ["Picked"], None),
    ],
)
def test_head_and_rows_are_judged_together(word, rows, fulfilment):
    order = judged(word, *(row(10 * n, status) for n, status in enumerate(rows, 1)))

    assert order.fulfilment is fulfilment


@pytest.mark.parametrize(
    ("word", "rows", "attention"),
    [
        ("Terminated", ["Picked", "Annulled"], ""),
        (
            "Terminated",
            ["Picked", "Incoming"],
            "It is Terminated, but not all was shipped.",
        ),
        ("Terminated", ["Incoming"], "It is Terminated, and no goods were shipped."),
        ("Annulled", ["Picked"], "It is annulled, but goods were shipped."),
        ("Pause", [], "Extend holds the order: Pause."),
        ("Incoming", ["AwaitingPayment"], "Row 10 is AwaitingPayment."),
        ("Incoming", ["ReservedWithErros"], "Row 10 is ReservedWithErros."),
    ],
)
def test_what_a_person_has_to_look_at_is_said(word, rows, attention):
    order = judged(word, *(row(10 * n, status) for n, status in enumerate(rows, 1)))

    assert order.attention == attention


def test_unknown_words_are_kept_as_they_are():
    order = judged("FullyDelivered", row(10, "Sleeping", allocationStatus="Elsewhere"))

    assert order.raw_status == "FullyDelivered"
    assert order.lines[0].raw_status == "Sleeping"
    assert order.unknown_words == (
        "order_status.FullyDelivered",
        "row_status.Sleeping",
        "allocation_status.Elsewhere",
    )


def test_a_word_may_be_explained_by_the_mapping_of_a_supplier():
    names = {
        **NAMES,
        "order_status.FullyDelivered": "shipped",
        "row_status.X": "nonsense",
    }
    data = {
        "orderHeader": {"orderStatus": "FullyDelivered"},
        "orderRows": [row(1, "X")],
    }

    order = to_order(data, names, STOCKHOLM)

    assert order.fulfilment is Fulfilment.SHIPPED
    assert order.unknown_words == ("row_status.X",)


# --- quantities ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "members", "shipped", "fulfilment", "attention"),
    [
        ("Picked", {}, 6, Fulfilment.SHIPPED, ""),
        ("Picked", delivered(6), 6, Fulfilment.SHIPPED, ""),
        ("Picked", delivered(8), 8, Fulfilment.SHIPPED, ""),
        (
            "Picked",
            delivered(4),
            4,
            Fulfilment.SHIPPED,
            "Row 10 is picked, but only 4 of 6 was delivered.",
        ),
        (
            "Picked",
            delivered(0),
            0,
            Fulfilment.PICKING,
            "Row 10 is picked, and nothing was delivered.",
        ),
        ("Picked", delivered(1, "FRP"), 6, Fulfilment.SHIPPED, ""),
        ("Incoming", delivered(0), 0, Fulfilment.CONFIRMED, ""),
        ("Incoming", delivered(2), 2, Fulfilment.PARTIALLY_SHIPPED, ""),
        ("Incoming", delivered(6), 6, Fulfilment.SHIPPED, ""),
        ("Incoming", {"allocationStatus": "Delivered"}, 6, Fulfilment.SHIPPED, ""),
        (
            "Annulled",
            delivered(2),
            2,
            None,
            "It is annulled, but goods were shipped.",
        ),
    ],
)
def test_what_was_delivered_is_what_was_shipped(
    status, members, shipped, fulfilment, attention
):
    order = judged("Incoming", row(10, status, **members))

    assert order.lines[0].quantity_shipped == shipped
    assert order.fulfilment is fulfilment
    assert order.attention == attention


def test_an_annulled_head_cancels_what_is_left():
    order = judged("Annulled", row(10, "Incoming"))

    assert order.lines[0].quantity_cancelled == 6
    assert not order.lines[0].is_confirmed


def test_a_row_taken_out_is_cancelled():
    order = judged("Incoming", row(10, "Incoming", rowOperation="Inactive"))

    assert order.fulfilment is Fulfilment.CANCELLED


# --- which line a row is ------------------------------------------------------


def mark(position: object = None, identity: object = None) -> dict:
    return {"externalRow": {"externalPosition": position, "externalRowId": identity}}


@pytest.mark.parametrize(
    ("rows", "positions"),
    [
        ([row(10, "Incoming"), row(20, "Incoming")], [1, 2]),
        ([row(15, "Incoming"), row(0, "Incoming")], [None, None]),
        ([row(40, "Incoming", **mark(7))], [7]),
        ([row(40, "Incoming", **mark("7"))], [7]),
        ([row(40, "Incoming", **mark(None, "7"))], [7]),
        ([row(40, "Incoming", **mark(None, "L7"))], [4]),
        ([row(10, "Incoming", **mark(1)), row(20, "Incoming")], [1, None]),
        ([row(10, "Incoming", **mark(1)), row(10, "Reserved")], [1]),
        ([row(10, "Incoming"), row(10, "Incoming", product={})], [1]),
    ],
)
def test_a_row_finds_its_line_by_our_mark_else_by_position(rows, positions):
    assert [line.position for line in judged("Incoming", *rows).lines] == positions


@pytest.mark.parametrize(
    "mode",
    [
        "Freight",
        "Discount",
        "Round",
        "PaymentPenalty",
        "PaymentDiscrepancy",
        "Service",
        "WarehouseService",
        "Package",
        "FREIGHT",
    ],
)
def test_rows_that_are_no_goods_hold_nothing_back(mode):
    order = judged("Reserved", row(10, "Picked"), row(20, "Created", supplyMode=mode))

    assert order.fulfilment is Fulfilment.SHIPPED
    assert [line.item_number for line in order.lines] == ["SKU-10"]


def test_a_line_of_ours_is_shown_even_if_it_is_no_goods():
    service = row(20, "Incoming", supplyMode="Service", **mark(2))

    order = judged("Reserved", row(10, "Picked", **mark(1)), service)

    assert [line.position for line in order.lines] == [1, 2]
    assert order.fulfilment is Fulfilment.SHIPPED


# --- kits ---------------------------------------------------------------------


def part(position: int, status: str, of: int, quantity: int = 6, **members) -> dict:
    return row(
        position, status, quantity, billOfMaterialsParentRowPosition=of, **members
    )


@pytest.mark.parametrize(
    ("parts", "shipped", "fulfilment"),
    [
        ([part(11, "Picked", 10), part(12, "Picked", 10, 3)], 6, Fulfilment.SHIPPED),
        (
            [part(11, "Picked", 10), part(12, "Created", 10)],
            0,
            Fulfilment.PARTIALLY_SHIPPED,
        ),
        ([part(11, "Reserved", 10), part(12, "Created", 10)], 0, Fulfilment.PICKING),
        ([part(11, "Annulled", 10)], 0, Fulfilment.CANCELLED),
        ([part(11, "Picked", 10, 0)], 6, Fulfilment.SHIPPED),
        (
            [part(11, "Created", 10), part(12, "Picked", 11), part(13, "Picked", 11)],
            6,
            Fulfilment.SHIPPED,
        ),
        ([part(11, "Picked", 10, supplyMode="Service")], 0, Fulfilment.CONFIRMED),
    ],
)
def test_a_kit_is_judged_by_the_goods_in_it(parts, shipped, fulfilment):
    order = judged("Created", row(10, "Incoming"), *parts)

    assert order.fulfilment is fulfilment
    assert [line.quantity_shipped for line in order.lines] == [shipped]


def test_a_kit_is_promised_for_the_day_of_its_last_part():
    early, late = "2031-04-09T00:00:00", "2031-04-15T00:00:00"
    order = judged(
        "Created",
        row(10, "Incoming", expectedDeliveryDate=early),
        part(11, "Incoming", 10, expectedDeliveryDate=late),
        part(12, "Incoming", 10),
    )

    assert order.lines[0].promised_date == date(2031, 4, 15)


def test_a_part_whose_kit_is_missing_stands_for_itself():
    order = judged("Created", part(11, "Picked", 99))

    assert order.fulfilment is Fulfilment.SHIPPED


def test_kits_that_contain_each_other_do_no_harm():
    order = judged("Incoming", part(10, "Picked", 20), part(20, "Picked", 10))

    assert order.fulfilment is Fulfilment.CONFIRMED
    assert judged("Created", part(10, "Picked", 10)).fulfilment is Fulfilment.SHIPPED


# --- shipments ----------------------------------------------------------------


def test_a_shipment_only_rows_tell_of_is_shown_too():
    order = judged("Incoming", row(10, "Picked", shipmentNumber="SH-9"))

    assert order.shipments == (
        VendorShipment(number="SH-9", quantities={1: Decimal(6)}),
    )


@pytest.mark.parametrize("shipments", [None, {}, [None], "x", [{"packages": None}]])
def test_shipments_without_details_do_no_harm(shipments):
    assert len(judged("Incoming", shipments=shipments).shipments) <= 1


# --- anything at all ----------------------------------------------------------


@pytest.mark.parametrize(
    "data", [None, [], {}, "x", 5, {"orderHeader": None}, {"orderHeader": []}, [{}, {}]]
)
def test_what_is_no_order_is_none(data):
    assert to_order(data, NAMES, STOCKHOLM) is None


HEADER_KEYS = [v for k, v in NAMES.items() if k.startswith(("header.", "shipment."))]
ROW_KEYS = [v for k, v in NAMES.items() if k.startswith(("row.", "sales.", "external"))]
WORDS = [key.partition(".")[2] for key in NAMES if "_status." in key]

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals()
    | st.text(max_size=8)
    | st.sampled_from(
        [*WORDS, "BillOfMaterials", "Freight", "Inactive", "10", "2031-04-09"]
    )
)


def objects_of(keys: list[str], values: st.SearchStrategy) -> st.SearchStrategy:
    return st.dictionaries(st.sampled_from(keys), values, max_size=12)


HOSTILE = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | objects_of(ROW_KEYS, inner)
        | objects_of(HEADER_KEYS, inner)
    ),
    max_leaves=12,
)


@given(
    objects_of(HEADER_KEYS, HOSTILE),
    st.lists(objects_of(ROW_KEYS, HOSTILE), max_size=5),
)
def test_no_order_whatever_is_in_it_makes_the_translation_fail(header, rows):
    order = to_order({"orderHeader": header, "orderRows": rows}, NAMES, STOCKHOLM)

    assert isinstance(order, VendorOrder)
    assert order.fulfilment is not Fulfilment.DELIVERED


CHAIN = ["Created", "Incoming", "Reserved", "Picked"]
PROGRESS = st.lists(st.integers(0, 3), min_size=1, max_size=5)


@given(
    st.sampled_from(["Created", "Incoming", "Reserved", "PartiallyDelivered", "Odd"]),
    PROGRESS,
    st.integers(0, 4),
    st.booleans(),
)
def test_a_row_that_moves_on_never_moves_the_order_back(word, stages, at, is_kit):
    def state(levels: list[int]) -> VendorOrder:
        rows = [
            part(11 + n, CHAIN[level], 10) if is_kit else row(10 * n + 10, CHAIN[level])
            for n, level in enumerate(levels)
        ]
        return judged(word, *([row(10, "Created"), *rows] if is_kit else rows))

    at %= len(stages)
    further = [*stages[:at], min(stages[at] + 1, 3), *stages[at + 1 :]]
    before, after = state(stages), state(further)

    assert RANK[before.fulfilment] <= RANK[after.fulfilment]
    assert before.is_locked <= after.is_locked
    shipped = [sum(line.quantity_shipped for line in o.lines) for o in (before, after)]
    assert shipped == sorted(shipped)


def test_the_payloads_are_json():
    for path in PAYLOADS.glob("*.json"):
        json.loads(path.read_text())
