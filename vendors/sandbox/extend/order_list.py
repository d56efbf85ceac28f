"""The list of customer orders and its filters."""

from collections.abc import Callable, Iterable
from datetime import datetime

from vendors.sandbox.extend.answers import bad_request
from vendors.sandbox.extend.fields import moment_parameter
from vendors.sandbox.extend.order_documents import (
    asked_delivery,
    ordered_at,
    shipment_numbers,
)
from vendors.sandbox.extend.orders import CustomerOrder
from vendors.sandbox.extend.words import ORDER_STATUSES
from vendors.sandbox.messages import Request

# One of these is needed in practice (inferred from callers); the schema asks for none.
NARROWING = (
    "modifiedDateFrom",
    "orderDateFrom",
    "orderDateTo",
    "askedDeliveryDate",
    "orderNumber",
    "orderNumberExternal",
)
# Documented, but what they mean is not.
UNEXPLAINED = ("endDate", "companyGroup")

TEXT_FILTERS: dict[str, Callable[[CustomerOrder, str], bool]] = {
    "orderNumber": lambda order, text: order.number == text,
    "orderStatus": lambda order, text: order.status == text,
    "customerNumber": lambda order, text: order.header["customerNumber"] == text,
    "customerName": lambda order, text: text.lower() in order.customer_name.lower(),
    "deliveryCountryCode": lambda order, text: (
        (order.header.get("deliveryAddress") or {}).get("countryCode") == text
    ),
    "productNumber": lambda order, text: any(
        row.product_number == text for row in order.rows
    ),
    "productName": lambda order, text: any(
        text.lower() in row.product_name.lower() for row in order.rows
    ),
    "warehouse": lambda order, text: any(row.warehouse == text for row in order.rows),
    "supplyMode": lambda order, text: any(
        row.supply_mode == text for row in order.rows
    ),
    "shippingNumber": lambda order, text: text in shipment_numbers(order),
}
MOMENT_FILTERS: dict[str, Callable[[CustomerOrder, datetime], bool]] = {
    "modifiedDateFrom": lambda order, moment: order.life.shown_change > moment,
    "orderDateFrom": lambda order, moment: ordered_at(order) >= moment,
    "orderDateTo": lambda order, moment: ordered_at(order) <= moment,
    "askedDeliveryDate": lambda order, moment: asked_delivery(order) == moment,
}


def matching_orders(
    request: Request, orders: Iterable[CustomerOrder], is_lookup_partial: bool
) -> list[CustomerOrder]:
    """Return the orders that pass the filters of a request, oldest first.

    Raises:
        Refusal: nothing narrows the list, or a filter makes no sense.
    """
    if not any(request.parameter(name) for name in NARROWING):
        raise bad_request(
            "Execution Timeout Expired.  The timeout period elapsed prior to "
            "completion of the operation or the server is not responding."
        )
    for name in UNEXPLAINED:
        if request.parameter(name):
            raise bad_request(f"{name} can't be used here.")
    status = request.parameter("orderStatus")
    if status is not None and status not in ORDER_STATUSES:
        raise bad_request(f"orderStatus: unknown value '{status}'.")
    texts = [
        (passes, text)
        for name, passes in TEXT_FILTERS.items()
        if (text := request.parameter(name)) is not None
    ]
    moments = [
        (passes, moment)
        for name, passes in MOMENT_FILTERS.items()
        if (moment := moment_parameter(request, name)) is not None
    ]
    reference = request.parameter("orderNumberExternal")
    if reference is not None:
        has_reference = _reference_begins if is_lookup_partial else _reference_equals
        texts.append((has_reference, reference))
    return [
        order
        for order in orders
        if all(passes(order, text) for passes, text in texts)
        and all(passes(order, moment) for passes, moment in moments)
    ]


def _reference_equals(order: CustomerOrder, reference: str) -> bool:
    # Without regard to case, as the usual collation of its database compares.
    return order.reference.lower() == reference.lower()


def _reference_begins(order: CustomerOrder, reference: str) -> bool:
    return order.reference.lower().startswith(reference.lower())
