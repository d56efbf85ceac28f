"""Following what suppliers change in their range and their stock.

Only what changed is asked for, from the supplier's own times on; each product that
moved is then read by itself, if we hold or have ordered it. What fails leaves the
cursor where it was, so that nothing is passed by.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import vendors
from procurement.catalogue.models import CatalogueState
from procurement.catalogue.products import (
    note_gone,
    of_interest,
    read_product,
    record_product,
)
from procurement.catalogue.stock import record_stock
from procurement.coordination.operations import HeldLease, lease
from procurement.queue import hint
from procurement.suppliers import gates
from procurement.suppliers.conversations import Conversation, conversation
from procurement.suppliers.models import Supplier, SupplierItem
from procurement.transmissions.sweeping import HINT_AGAIN_AFTER
from vendors.contracts import (
    Capability,
    ChangedProduct,
    ChangedProductPage,
    StockChangePage,
    Vendor,
)
from vendors.errors import Kind, Refused, VendorError
from vendors.http import VendorClient

LEASE_SECONDS = 900
FIRST_LOOK_BACK = timedelta(days=1)
"""What we hold was told when we came to hold it; older changes are in it."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
FOLLOW = "procurement.catalogue.tasks.follow_supplier"


@dataclass
class Followed:
    """What came of one look: products read, and items whose stock was told."""

    products: int = 0
    stocks: int = 0


class TakenOver(Exception):
    """It took so long that another process has begun anew."""


def followable_vendors() -> list[str]:
    return [code for code in vendors.CODES if _can_be_followed(vendors.get(code))]


def _can_be_followed(api: Vendor) -> bool:
    return _lists_products(api) or api.offers(Capability.LIST_CHANGED_STOCK)


def _lists_products(api: Vendor) -> bool:
    return api.offers(Capability.LIST_CHANGED_PRODUCTS) and api.offers(
        Capability.READ_PRODUCT
    )


def ask_for_looks() -> int:
    """Hint a look at every supplier whose turn it is; a lost hint loses nothing."""
    now = timezone.now()
    for supplier in Supplier.objects.filter(
        vendor__in=followable_vendors(), catalogue_state=None
    ):
        CatalogueState.objects.get_or_create(
            supplier=supplier, defaults={"next_at": now}
        )
    due = CatalogueState.objects.filter(
        Q(hinted_at=None) | Q(hinted_at__lte=now - HINT_AGAIN_AFTER),
        gates.callable_now(now, "supplier__"),
        next_at__lte=now,
    )
    hinted = 0
    for pk, supplier_id in list(due.values_list("pk", "supplier_id")):
        with transaction.atomic():
            if CatalogueState.objects.filter(
                Q(hinted_at=None) | Q(hinted_at__lte=now - HINT_AGAIN_AFTER), pk=pk
            ).update(hinted_at=now):
                hint(FOLLOW, supplier_id)
                hinted += 1
    return hinted


def follow_supplier(*, supplier_id: int) -> Followed:
    """Read what changed at a supplier since last time.

    One caller at a time on all machines. Each cursor is saved at the end of its list;
    a failure leaves it where it was.
    """
    followed = Followed()
    supplier = Supplier.objects.get(pk=supplier_id)
    if not _can_be_followed(supplier.api) or supplier.is_paused:
        return followed
    with lease(f"catalogue:{supplier.slug}", seconds=LEASE_SECONDS) as held:
        if held is None:
            return followed
        state, _ = CatalogueState.objects.get_or_create(
            supplier=supplier, defaults={"next_at": timezone.now()}
        )
        rows = CatalogueState.objects.filter(pk=state.pk)
        due = timezone.now() + timedelta(seconds=settings.CATALOGUE_INTERVAL_SECONDS)
        rows.update(next_at=due, hinted_at=None)
        try:
            with conversation(supplier, subject=f"range {supplier.slug}") as talk:
                _follow(talk, state, held, followed)
        except (VendorError, TakenOver) as error:
            rows.update(last_error=str(error))
        except Exception as error:
            rows.update(last_error=f"The program failed: {type(error).__name__}.")
            raise
        else:
            rows.update(last_success_at=timezone.now(), last_error="")
    return followed


def _follow(
    talk: Conversation, state: CatalogueState, held: HeldLease, followed: Followed
) -> None:
    rows = CatalogueState.objects.filter(pk=state.pk)
    if _lists_products(talk.supplier.api):
        cursor = _follow_products(talk, state.products_cursor, held, followed)
        rows.update(products_cursor=cursor)
    if talk.supplier.api.offers(Capability.LIST_CHANGED_STOCK):
        cursor = _follow_stock(talk, state.stock_cursor, held, followed)
        rows.update(stock_cursor=cursor)


def follows_all(supplier: Supplier) -> bool:
    return supplier.slug in settings.CATALOGUE_FOLLOW_ALL


def _beginning(supplier: Supplier) -> datetime:
    if follows_all(supplier):
        return BEGINNING
    return timezone.now() - FIRST_LOOK_BACK


def _renew(held: HeldLease) -> None:
    if not held.renew():
        raise TakenOver("It took too long; another process reads on.")


# --- products ---------------------------------------------------------------------


def _follow_products(
    talk: Conversation, cursor: datetime | None, held: HeldLease, followed: Followed
) -> datetime | None:
    list_changed: Callable[[VendorClient, datetime, int], ChangedProductPage]
    list_changed = talk.supplier.api.list_changed_products  # type: ignore[assignment]
    since = cursor or _beginning(talk.supplier)
    page: int | None = 0
    while page is not None:
        found = list_changed(talk.client, since, page)
        for changed in _worth_reading(talk.supplier, found.products):
            _read_or_pass(talk, changed)
            followed.products += 1
            _renew(held)
        for changed in found.products:
            cursor = max(cursor or changed.changed_at, changed.changed_at)
        _renew(held)
        page = found.next_page
    # The list's order is not promised: only its end proves that all was read.
    return cursor


def _worth_reading(
    supplier: Supplier, changed: Sequence[ChangedProduct]
) -> list[ChangedProduct]:
    """Of interest, and not read since that change: lists overlap."""
    numbers = {each.item_number for each in changed}
    if not follows_all(supplier):
        numbers = of_interest(supplier, numbers)
    items = SupplierItem.objects.filter(supplier=supplier, item_number__in=numbers)
    seen = dict(items.values_list("item_number", "supplier_changed_at"))
    return [
        each
        for each in changed
        if each.item_number in numbers and seen.get(each.item_number) != each.changed_at
    ]


def _read_or_pass(talk: Conversation, changed: ChangedProduct) -> None:
    """Read one product of many; one that can't be read must not hold up the others."""
    try:
        product = read_product(talk, changed.item_number)
    except VendorError as error:
        if not isinstance(error, Refused) and error.kind != Kind.UNREADABLE:
            raise
        if error.kind == Kind.NOT_FOUND:
            note_gone(talk.supplier, changed.item_number)
        return
    product = replace(product, changed_at=changed.changed_at)
    record_product(talk.supplier, product)


# --- stock ------------------------------------------------------------------------


def _follow_stock(
    talk: Conversation, cursor: datetime | None, held: HeldLease, followed: Followed
) -> datetime | None:
    list_changed: Callable[[VendorClient, datetime, int], StockChangePage]
    list_changed = talk.supplier.api.list_changed_stock  # type: ignore[assignment]
    since = cursor or _beginning(talk.supplier)
    page: int | None = 0
    while page is not None:
        found = list_changed(talk.client, since, page)
        followed.stocks += record_stock(talk, found.stocks)
        for change in found.stocks:
            if change.changed_at is not None:
                cursor = max(cursor or change.changed_at, change.changed_at)
        _renew(held)
        page = found.next_page
    return cursor
