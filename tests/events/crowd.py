"""Writers and followers of the feed, each as a process of its own.

python -m tests.events.crowd write NAME SECONDS HOURS_OFF
python -m tests.events.crowd follow NAME LOG STOP
"""

import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import django
import time_machine

LONG_HOLD_SECONDS = 1.5


class Undone(Exception):
    """Makes a transaction, or a part of one, as if it had never been."""


def write(name: str, seconds: float, hours_off: float) -> None:
    """Make events at random, on a clock of one's own; some of them are rolled back."""
    from django.db import connection, transaction

    from procurement.customers.models import Customer, CustomerEvent
    from procurement.orders import ledger
    from procurement.orders.models import PurchaseOrder
    from procurement.shops.ledger import note
    from procurement.shops.models import Shop
    from procurement.suppliers.models import Supplier, SupplierEvent

    dice, numbers = random.Random(name), count()
    orders = list(PurchaseOrder.objects.values_list("pk", flat=True))
    shop, customer = Shop.objects.get(), Customer.objects.get()
    supplier = Supplier.objects.get()
    hold = LONG_HOLD_SECONDS if connection.vendor == "postgresql" else 0.02
    until = time.monotonic() + seconds

    def comment() -> None:
        order = PurchaseOrder.objects.select_for_update().get(pk=dice.choice(orders))
        ledger.write(order, "commented", text=f"{name} {next(numbers)}")

    def at_once() -> None:
        """Without a transaction around: the id is taken before anything is written."""
        SupplierEvent.objects.create(supplier=supplier, kind="tried", text=name)
        CustomerEvent.objects.create(
            customer=customer, kind="changed", actor_name=name, text=name
        )

    def together() -> None:
        with transaction.atomic():
            at_fault = dice.random()
            comment()
            pause(dice.uniform(0, 0.03))
            if at_fault < 0.2:
                undone_part()
            note(shop, "changed", actor=None, text=name)
            comment()
            if at_fault > 0.9:
                pause(hold)
            if at_fault > 0.7:
                raise Undone

    def undone_part() -> None:
        try:
            with transaction.atomic():
                SupplierEvent.objects.create(supplier=supplier, kind="tried", text="-")
                comment()
                raise Undone
        except Undone:
            pass
        SupplierEvent.objects.create(supplier=supplier, kind="tried", text=name)

    shifted = datetime.now(UTC) + timedelta(hours=hours_off)
    with time_machine.travel(shifted, tick=True):
        while time.monotonic() < until:
            try:
                dice.choice((at_once, together, together))()
            except (Undone, django.db.OperationalError):
                # Two that comment on the same orders crosswise: one of them loses.
                connection.close()
            pause(dice.uniform(0, 0.02))


def pause(seconds: float) -> None:
    time.sleep(seconds)


def follow(name: str, log: Path, stop: Path) -> None:
    """Read on all the time and write down each id; to the end, once told to stop."""
    dice = random.Random(name)
    with log.open("w") as file:
        for event_id in followed(name, dice, stop):
            file.write(f"{event_id}\n")


def followed(name: str, dice: random.Random, stop: Path) -> Iterator[str]:
    from django.contrib.auth.models import User

    from procurement.events.feed import read_events

    user = User.objects.get(username="limited") if name == "limited" else None
    cursor, is_last = "", False
    while True:
        is_last = is_last or stop.exists()
        page = read_events(
            after=cursor,
            limit=dice.randint(1, 40),
            user=user,
            types=("order.*", "shop.*") if name == "choosy" else (),
        )
        yield from (event.id for event in page.events)
        cursor = page.cursor
        if not page.has_more:
            if is_last:
                return
            time.sleep(dice.uniform(0, 0.05))


if __name__ == "__main__":
    django.setup()
    what, who, *rest = sys.argv[1:]
    if what == "write":
        write(who, float(rest[0]), float(rest[1]))
    else:
        follow(who, Path(rest[0]), Path(rest[1]))
