"""Why a customer's personal data can't be erased now; an empty text: it can."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement import clock
from procurement.customers.models import Customer, CustomerLink
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import ENDED
from procurement.persons.models import Erasure
from procurement.transmissions.models import LIVE, Transmission

MOST_NAMED = 5


def why_not_erase(customer: Customer) -> str:
    if Erasure.objects.filter(customer=customer, ended_at=None).exists():
        return _("It is being erased already; the list of erasures shows how far.")
    if open_orders := open_orders_of(customer.pk):
        return _(
            "Orders for it are open: %(orders)s. Have them delivered or cancelled, "
            "and what needs attention settled, and erase it then."
        ) % {"orders": _named(open_orders)}
    links = CustomerLink.objects.filter(customer=customer).values("subject")
    live = Transmission.objects.filter(subject__in=links, state__in=LIVE)
    if live.exists():
        return _(
            "It is being created at a supplier, or nobody knows whether it was. "
            "Settle that first."
        )
    return _why_not_yet(customer)


def open_orders_of(customer_id: int) -> list[str]:
    """Numbers of orders that have not ended, one more than are named."""
    orders = PurchaseOrder.objects.filter(customer=customer_id).exclude(
        headline__in=ENDED
    )
    numbers = orders.order_by("-pk").values_list("number", flat=True)
    return list(numbers[: MOST_NAMED + 1])


def _named(numbers: list[str]) -> str:
    more = ", …" if len(numbers) > MOST_NAMED else ""
    return ", ".join(numbers[:MOST_NAMED]) + more


def _why_not_yet(customer: Customer) -> str:
    """The duty to keep books may demand the data for a time."""
    days = settings.PERSONAL_DATA_KEEP_DAYS
    if not days:
        return ""
    orders = PurchaseOrder.objects.filter(customer=customer)
    last = orders.aggregate(last=Max("state_since"))["last"]
    if last is None or last + timedelta(days=days) <= timezone.now():
        return ""
    return _(
        "Its last order ended on %(day)s, and what is kept for the books may be "
        "erased from %(until)s on (PERSONAL_DATA_KEEP_DAYS)."
    ) % {
        "day": clock.day_of(last),
        "until": clock.day_of(last + timedelta(days=days)),
    }
