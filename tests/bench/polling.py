"""One poll over many open orders of which few changed: our own CPU, and the calls.

Runs in a process with the product's settings and prints JSON. The vendor answers from
memory, so that what is measured is ours alone.
"""

import json
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import django

CHANGED = 100


def main() -> None:
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    import vendors
    from procurement.fulfilment.models import PollState
    from procurement.fulfilment.polling import poll_supplier
    from procurement.suppliers.models import Supplier
    from tests.bulk import make_open_orders
    from tests.fakes import FakeVendor
    from vendors.contracts import ChangedOrder, Fulfilment, VendorLine, VendorOrder

    supplier = Supplier.objects.get(slug="extend-nord")
    make_open_orders(supplier, int(sys.argv[1]))
    connection.cursor().execute("ANALYZE")
    now = datetime.now(UTC)
    fake = FakeVendor()
    changed = []
    for index in range(1, CHANGED + 1):
        number, moment = f"SO-{index}", now - timedelta(seconds=index)
        fake.orders[number] = VendorOrder(
            number=number,
            reference=f"PO-2031-{1_000_000 + index}",
            fulfilment=Fulfilment.PICKING,
            changed_at=moment,
            raw_status="Picking",
            lines=(
                VendorLine(
                    position=1,
                    item_number="SKU-4410",
                    quantity=Decimal(6),
                    is_confirmed=True,
                    quantity_picking=Decimal(6),
                ),
            ),
        )
        changed.append(
            ChangedOrder(
                number=number,
                reference=fake.orders[number].reference,
                raw_status="Picking",
                changed_at=moment,
            )
        )
    fake.pages = [changed]
    made, real = fake.vendor(), vendors.get
    vendors.get = lambda code: made if code == fake.code else real(code)
    PollState.objects.update_or_create(
        supplier=supplier,
        defaults={"cursor": now - timedelta(hours=1), "next_poll_at": now},
    )
    began = time.process_time()
    read = poll_supplier(supplier_id=supplier.pk)
    seconds = time.process_time() - began
    # Once more with nothing new, to see what looking costs.
    fake.pages = [[replace(each) for each in changed]]
    with CaptureQueriesContext(connection) as queries:
        began = time.process_time()
        poll_supplier(supplier_id=supplier.pk)
        idle = time.process_time() - began
    found = {
        "seconds": seconds,
        "idle_seconds": idle,
        "read": read,
        "lists": len(fake.listed),
        "reads": len(fake.reads),
        "queries": len(queries),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
