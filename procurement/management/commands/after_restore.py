"""`manage.py after_restore`: what is held back, and what to do about it."""

from typing import Any

from django.core.management.base import BaseCommand

from procurement.backups.holding import still_held, to_ask_first

STEPS = """
For each supplier:
1. Ask which orders it has from the moment of the backup on. Enter those that are not
   here by hand, and settle what it names: Troubles, or the page of the order.
2. Resume it: Suppliers, the supplier, Resume. What is unknown is looked up by itself
   then, where the supplier can be asked by program.
3. Settle what was not found. Only what is settled as not there can be sent again.
"""


class Command(BaseCommand):
    help = "Show what waits for somebody to ask at suppliers after a restore."

    def handle(self, *args: Any, **options: Any) -> None:
        write = self.stdout.write
        waiting = still_held()
        for each in waiting:
            supplier = each.supplier
            write(f"{supplier.slug}: paused, {each.unknown} of unknown outcome")
            if supplier.pause_reason:
                write(f"    {supplier.pause_reason}")
        count = to_ask_first()
        if not waiting and not count:
            write("Nothing is held back.")
            return
        write(f"Asked about before they are sent for the first time: {count}")
        if waiting:
            write(STEPS)
