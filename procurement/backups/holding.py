"""What a restored installation must not do by itself, since the world has moved on.

`docs/decisions/0030-a-restored-installation-asks-first.md` says what becomes of it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Count, Q

from procurement.customers.models import CustomerLink, LinkState
from procurement.notices.operations import hold_mails
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Fulfilment, Sending
from procurement.runs.operations import stop_all
from procurement.shops.models import ShopRegistration, ShopState
from procurement.suppliers.models import Supplier
from procurement.suppliers.operations import pause_all
from procurement.transmissions.holding import ask_first, hold_what_is_on_its_way
from procurement.transmissions.models import AskFirst, Operation, State

KEYS_AHEAD = 1_000_000
"""How far every table's numbers jump, so that nothing new is named as something that
was made after the backup and is known to others: an event, a message, a customer."""
ORDERS_AHEAD = 10_000
"""The same for numbers of orders, where nobody says which was given last."""
ORDER_NUMBERS = "orders_ordernumber"


@dataclass(frozen=True)
class Held:
    """What was held back, in numbers."""

    suppliers: int
    on_their_way: int
    to_ask_first: int
    runs: int
    mails: int


@dataclass(frozen=True)
class Waiting:
    """What of a supplier waits for somebody to ask there."""

    supplier: Supplier
    unknown: int


@transaction.atomic
def hold_everything(*, taken_at: datetime) -> Held:
    """Let nothing leave of what a backup does not know to have left since."""
    moment = f"{taken_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    why = (
        f"Restored from a backup of {moment}: it may have been sent since, and our "
        "books would not know."
    )
    return Held(
        suppliers=pause_all(
            reason=f"Restored from a backup of {moment}. Ask the supplier which orders "
            "came since, before anything is sent."
        ),
        to_ask_first=_ask_about_what_was_not_sent(why),
        on_their_way=hold_what_is_on_its_way(reason=why),
        runs=stop_all(text=f"Stopped: restored from a backup of {moment}."),
        mails=hold_mails(),
    )


def _ask_about_what_was_not_sent(why: str) -> int:
    # What is on its way is unknown from now on, and asked about anyhow.
    known = (Sending.SENT, Sending.QUEUED, Sending.SENDING, Sending.UNKNOWN)
    orders = PurchaseOrder.objects.exclude(transmission__in=known).exclude(
        fulfilment=Fulfilment.CANCELLED
    )
    shops = ShopRegistration.objects.exclude(state=ShopState.CREATED)
    links = CustomerLink.objects.exclude(state=LinkState.LINKED)
    subjects = (
        (Operation.PLACE_ORDER, orders.values_list("number", flat=True)),
        (Operation.CREATE_SHOP, shops.values_list("subject", flat=True)),
        (Operation.CREATE_CUSTOMER, links.values_list("subject", flat=True)),
    )
    return sum(
        ask_first(operation=operation, subjects=rows.iterator(), reason=why)
        for operation, rows in subjects
    )


def still_held() -> list[Waiting]:
    """The suppliers that are paused, with what is unknown at each, by name."""
    unknown = Count("transmissions", filter=Q(transmissions__state=State.UNKNOWN))
    rows = Supplier.objects.filter(is_paused=True).annotate(unknown=unknown)
    return [Waiting(row, row.unknown) for row in rows.order_by("name", "pk")]


def to_ask_first() -> int:
    """How many orders, shops and customers are asked about before they are sent."""
    return AskFirst.objects.count()
