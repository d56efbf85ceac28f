"""Who keeps what suppliers answer when they are asked for prices and stock.

The keeping is done further up; here it is only handed on, so that no way of asking
goes by it.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from procurement.suppliers.models import Supplier
from vendors.contracts import ItemKey, Offer

Keeper = Callable[
    [Supplier, Sequence[ItemKey], tuple[Offer, ...], UUID], tuple[Offer, ...]
]
"""(supplier, what was asked for, the answers in the same order, the conversation);
returns the answers, with a warning more where a price can't be right."""

_keepers: list[Keeper] = []


def register(keeper: Keeper) -> None:
    if keeper not in _keepers:
        _keepers.append(keeper)


def keep(
    supplier: Supplier,
    asked: Sequence[ItemKey],
    offers: tuple[Offer, ...],
    conversation: UUID,
) -> tuple[Offer, ...]:
    """Have offers kept; return them as they should be shown."""
    for keeper in _keepers:
        offers = keeper(supplier, asked, offers, conversation)
    return offers
