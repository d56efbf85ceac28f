"""Reading a sales order.

Documented are the members, the three languages and that the customer has to exist;
that lines are needed and what else is checked is the project's own assumption.
"""

from dataclasses import dataclass
from decimal import Decimal

from vendors.sandbox.books import BookedLine
from vendors.sandbox.messages import Refusal, Request
from vendors.sandbox.simutek.customers import Customer, check_address
from vendors.sandbox.simutek.fields import Fields
from vendors.sandbox.simutek.problems import not_found

LANGUAGES = ("sv", "no", "en")
CURRENCY = "SEK"  # printed as an example, taken here where none is sent
HUNDRED = Decimal(100)
CONTACT = ("firstName", "lastName", "email", "phone", "phoneMobile", "eInvoiceCode")
RECIPIENT = ("recipientName", "contactName", "contactMobilePhone", "contactEmail")
HEADER_TEXTS = ("orderTitle", "promisedDeliveryDate", "ordered", "noteFromCustomer")
LINE_TEXTS = ("description", "profitCenterCode")
LINE_NUMBERS = (
    "vatPercent",
    "costWork",
    "costMaterial",
    "costSubcontractWork",
    "weightPerUnit",
)


@dataclass(frozen=True, slots=True)
class OrderForm:
    """A sales order that will do."""

    reference: str
    lines: tuple[BookedLine, ...]
    total: Decimal
    currency: str


def read_order(request: Request, customers: dict[str, Customer]) -> OrderForm:
    """Check a sales order.

    Raises:
        Refusal: 400 with all complaints, or 404 for an unknown customer number;
            nothing was ordered.
    """
    body = Fields.of_body(request)
    customer_number = body.required_text("customerNumber")
    _check_header(body)
    lines = body.objects("salesOrderlines")
    if not lines and "salesOrderlines" not in body.errors:
        body.complain("salesOrderlines", "The salesOrderlines field is required.")
    booked = tuple(_read_line(line) for line in lines)
    total = sum(
        (_amount(line, taken) for line, taken in zip(lines, booked, strict=True)),
        Decimal(0),
    )
    form = OrderForm(
        reference=body.text("purchaseOrderNumber"),
        lines=booked,
        total=total,
        currency=_read_currency(body),
    )
    body.require_good()
    if customer_number not in customers:
        raise Refusal(not_found())
    return form


def _check_header(body: Fields) -> None:
    for name in HEADER_TEXTS:
        body.text(name)
    body.flag("isExport")
    body.flag("isExportWithinEu")
    language = body.text("languageCode")
    if language and language not in LANGUAGES:
        body.complain("languageCode", f"One of {', '.join(LANGUAGES)} is expected.")
    _check_texts(body.object("billingContact"), CONTACT)
    _check_texts(body.object("billingCompanyInfo"), ("name", "invoiceEmail"))
    bill_to = body.object("billTo")
    if bill_to:
        check_address(bill_to)
    _check_delivery(body)


def _check_texts(holder: Fields | None, names: tuple[str, ...]) -> None:
    if holder is None:
        return
    for name in names:
        holder.text(name)


def _read_currency(body: Fields) -> str:
    currency = body.text("currencyCode")
    is_code = currency.isascii() and currency.isalpha() and len(currency) == 3
    if currency and not is_code:
        body.complain("currencyCode", "A currency code of three letters is expected.")
    return currency or CURRENCY


def _read_line(line: Fields) -> BookedLine:
    for name in LINE_TEXTS:
        line.text(name)
    for name in LINE_NUMBERS:
        line.number(name)
    line.flag("shipOrderline")
    for allotment in line.objects("allotments"):
        allotment.number("qtyToShip")
        _check_delivery(allotment)
    quantity = line.number("quantity")
    if quantity <= 0:
        line.complain("quantity", "A quantity above 0 is expected.")
    return BookedLine(
        item_number=line.text("articleNumber"),
        quantity=quantity,
        unit=line.text("salesUnit"),
        unit_price=line.number("unitPrice"),
    )


def _check_delivery(holder: Fields) -> None:
    ship_to = holder.object("shipTo")
    if ship_to is None:
        return
    _check_texts(ship_to, RECIPIENT)
    address = ship_to.object("address")
    if address:
        check_address(address)


def _amount(line: Fields, booked: BookedLine) -> Decimal:
    discount = line.number("discountPercent")
    return booked.quantity * booked.unit_price * (HUNDRED - discount) / HUNDRED
