"""What a printed order says, in the supplier's language."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from procurement import clock
from procurement.documents.paper.figures import Figures
from procurement.money import round_amount
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.states import Approval, Fulfilment


@dataclass(frozen=True)
class Company:
    """Who orders: the head of everything that is printed."""

    name: str
    address: tuple[str, ...]
    vat_number: str

    @classmethod
    def of_settings(cls) -> "Company":
        return cls(
            name=settings.COMPANY_NAME,
            address=tuple(settings.COMPANY_ADDRESS),
            vat_number=settings.COMPANY_VAT,
        )


@dataclass(frozen=True)
class PaperLine:
    position: str
    item_number: str
    description: str
    quantity: str
    unit: str
    price: str
    vat: str
    amount: str


@dataclass(frozen=True)
class Sum:
    label: str
    amount: str
    is_final: bool = False


@dataclass(frozen=True)
class OrderPaper:
    """Every text of one printed order; how it looks is no matter here."""

    number: str
    language: str
    title: str
    company: Company
    company_vat: str
    marks: tuple[str, ...]
    """What nobody may overlook: that it is a test, a draft, or cancelled."""
    supplier_label: str
    supplier: tuple[str, ...]
    delivery_label: str
    delivery: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    note_label: str
    note: str
    columns: tuple[str, ...]
    lines: tuple[PaperLine, ...]
    sums: tuple[Sum, ...]
    remark: str
    page_pattern: str

    def page_text(self, page: int, pages: int) -> str:
        return self.page_pattern % {"page": page, "pages": pages}


def order_paper(order: PurchaseOrder) -> OrderPaper:
    """What the paper of an order says.

    Args:
        order: with supplier, buyer and lines read.
    """
    language = order.supplier.language
    with translation.override(language):
        return _paper(order, Figures.of(language))


def _paper(order: PurchaseOrder, figures: Figures) -> OrderPaper:
    company = Company.of_settings()
    lines = list(order.lines.all())
    for line in lines:
        line.order = order
    vat_number = _("VAT no. %(number)s") % {"number": company.vat_number}
    return OrderPaper(
        number=order.number,
        language=order.supplier.language,
        title=_("Purchase order"),
        company=company,
        company_vat=vat_number if company.vat_number else "",
        marks=tuple(_marks(order)),
        supplier_label=_("Supplier"),
        supplier=(order.supplier.name,),
        delivery_label=_("Deliver to"),
        delivery=_delivery(order),
        facts=tuple(_facts(order, figures)),
        note_label=_("Note"),
        note=order.note,
        columns=(
            _("Pos."),
            _("Item number"),
            _("Description"),
            _("Quantity"),
            _("Unit"),
            _("Price"),
            _("VAT %"),
            _("Amount"),
        ),
        lines=tuple(_line(line, order.currency, figures) for line in lines),
        sums=tuple(_sums(order, lines, figures)),
        remark=_remark(lines),
        page_pattern=_("Page %(page)d of %(pages)d"),
    )


def _marks(order: PurchaseOrder) -> Iterable[str]:
    if order.is_test:
        yield _("TEST ORDER – not a purchase")
    if order.fulfilment == Fulfilment.CANCELLED:
        yield _("CANCELLED – do not deliver")
    elif order.approval != Approval.APPROVED:
        yield _("DRAFT – not approved")


def _delivery(order: PurchaseOrder) -> tuple[str, ...]:
    address = order.delivery_address
    street = ", ".join(filter(None, (address.street_line, address.entrance)))
    town = " ".join(filter(None, (address.zip_code, address.city)))
    parts = (address.name, street, town, address.country_code)
    return tuple(filter(None, parts)) or (_("As agreed"),)


def _facts(order: PurchaseOrder, figures: Figures) -> Iterable[tuple[str, str]]:
    moment = order.approved_at or order.created_at
    buyer = order.buyer
    yield _("Order number"), order.number
    yield _("Date"), figures.day(clock.day_of(moment))
    yield _("Buyer"), buyer.get_full_name() or buyer.get_username()
    if buyer.email:
        yield _("E-mail"), buyer.email
    if order.requested_date:
        yield _("Requested delivery"), figures.day(order.requested_date)
    yield _("Currency"), order.currency
    if order.external_reference:
        yield _("Our reference"), order.external_reference
    if order.supplier_order_number:
        yield _("Your order number"), order.supplier_order_number


def _line(line: OrderLine, currency: str, figures: Figures) -> PaperLine:
    vat = line.vat_percent
    return PaperLine(
        position=str(line.position),
        item_number=line.item_number,
        description=" – ".join(filter(None, (line.brand, line.description))),
        quantity=figures.quantity(line.quantity),
        unit=line.unit,
        price=figures.price(line.unit_price, currency),
        vat="–" if vat is None else figures.percent(vat),
        amount=figures.price(line.amount, currency),
    )


def _sums(
    order: PurchaseOrder, lines: Sequence[OrderLine], figures: Figures
) -> Iterable[Sum]:
    """Net, VAT of each rate, gross; without gross where a rate is not known."""
    currency = order.currency

    def money(value: Decimal) -> str:
        return f"{figures.price(value, currency)}\N{NO-BREAK SPACE}{currency}"

    net_by_rate: dict[Decimal | None, Decimal] = defaultdict(Decimal)
    for line in lines:
        net_by_rate[line.vat_percent] += line.amount
    net = sum(net_by_rate.values(), Decimal(0))
    is_known = None not in net_by_rate
    yield Sum(_("Total excluding VAT"), money(net), is_final=not is_known)
    gross = net
    for rate in sorted(rate for rate in net_by_rate if rate is not None):
        vat = round_amount(net_by_rate[rate] * rate / 100, currency)
        gross += vat
        names = {"rate": figures.percent(rate), "net": money(net_by_rate[rate])}
        yield Sum(_("VAT %(rate)s %% on %(net)s") % names, money(vat))
    if is_known:
        yield Sum(_("Total including VAT"), money(gross), is_final=True)


def _remark(lines: Sequence[OrderLine]) -> str:
    if all(line.vat_percent is not None for line in lines):
        return ""
    return _("VAT is not stated for every line, so there is no total including VAT.")
