"""What an operator does about what the system left to people."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.chaos.ours import Order
from tests.chaos.rest import Client
from tests.chaos.theirs import Booked

EVIDENCE = "Looked into the supplier's own books."


def settle(
    operator: Client,
    buyer: Client,
    ours: Mapping[str, Order],
    theirs: Sequence[Booked],
) -> Counter[str]:
    """Settle what is unknown by the vendors' books; send again what is not there.

    Returns how often each was done.
    """
    done: Counter[str] = Counter()
    entries = {entry.reference: entry for entry in theirs}
    for order in ours.values():
        carriers = (*order.placing, *order.cancelling)
        if any(each.state == "unknown" for each in carriers):
            done[_resolve(operator, buyer, order, entries.get(order.number))] += 1
        elif order.transmission == "failed":
            _send(buyer, order)
            done["failed, sent again"] += 1
    return done


def _resolve(
    operator: Client, buyer: Client, order: Order, entry: Booked | None
) -> str:
    is_placing = any(each.state == "unknown" for each in order.placing)
    is_there = entry is not None and (is_placing or entry.is_cancelled)
    answer = operator.post(
        f"orders/{order.number}/resolve/",
        {
            "outcome": "placed" if is_there else "not_placed",
            "supplier_order_number": entry.number if entry and is_there else "",
            "evidence": EVIDENCE,
        },
    )
    if not answer.is_good:
        return f"refused ({answer.code})"
    if is_placing and not is_there:
        _send(buyer, order)
        return "not there, sent again"
    return "there, adopted" if is_placing else "cancellation settled"


def _send(buyer: Client, order: Order) -> None:
    buyer.post(f"orders/{order.number}/send/", {})
