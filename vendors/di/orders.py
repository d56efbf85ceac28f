"""Purchase orders at DI: there are none, and no order is ever sent there."""

from vendors.contracts import Account, OrderRequest
from vendors.di.status import NO_ORDERS


def objections(account: Account, order: OrderRequest) -> tuple[str, ...]:
    """Return why no purchase order can go to DI; nothing is called."""
    return (f"{NO_ORDERS} Buy {order.reference} from another supplier.",)
