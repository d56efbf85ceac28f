"""Orders that wait for the worker, made through the product's own operations."""

import sys

import django


def main() -> None:
    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection

    from procurement.approvals.operations import approve_order
    from procurement.orders.operations import create_order, send_order, submit_order
    from procurement.suppliers.models import Supplier
    from tests.factories import ADDRESS, line

    buyer = User.objects.get(username="buyer0")
    approver = User.objects.get(username="approver")
    supplier = Supplier.objects.get(slug="eet-nord")
    lines = [line(f"SKU-{position:06d}") for position in range(1, 11)]
    # The commits need not reach the disk one by one while the queue is filled.
    connection.cursor().execute("SET synchronous_commit = off")
    for _ in range(int(sys.argv[1])):
        order = create_order(
            actor=buyer,
            data={
                "supplier": supplier,
                "currency": "SEK",
                "delivery_address": ADDRESS,
                "lines": lines,
            },
        )
        submit_order(order_id=order.pk, actor=buyer)
        approve_order(order_id=order.pk, actor=approver)
        send_order(order_id=order.pk, actor=buyer)


if __name__ == "__main__":
    main()
