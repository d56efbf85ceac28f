"""A poller as a process of its own, on a clock that whoever started it moves.

Reads lines `MINUTE` or `MINUTE die` from its input and polls what is due at that
minute; with `die` it kills itself in the middle of its second read. The vendor is one
whose orders change at given minutes; every call to it is a line in a file.
"""

import json
import os
import signal
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
import time_machine

START = datetime(2031, 4, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Diary:
    """A vendor whose orders change at minutes that are known beforehand."""

    changes: dict[str, list[int]]
    calls: Path
    dies_at_read: int = 0
    reads: int = field(default=0)

    def note(self, *words: object) -> None:
        with self.calls.open("a") as file:
            file.write(" ".join(map(str, words)) + "\n")

    def changed_at(self, number: str) -> datetime | None:
        past = [START + minute * MINUTE for minute in self.changes[number]]
        return max((at for at in past if at <= datetime.now(UTC)), default=None)

    def list_changed(self, client: Any, since: datetime, page: int) -> Any:
        from vendors.contracts import ChangedOrder, ChangedPage

        self.note("list", os.getpid(), minute_of(datetime.now(UTC)))
        times = {number: self.changed_at(number) for number in self.changes}
        return ChangedPage(
            orders=tuple(
                ChangedOrder(number=number, reference="", raw_status="", changed_at=at)
                for number, at in times.items()
                if at is not None and at >= since - 135 * MINUTE
            ),
            next_page=None,
        )

    def read(self, client: Any, number: str) -> Any:
        from tests.fulfilment.test_polling import confirmed

        at = self.changed_at(number)
        assert at is not None
        self.note("read", number, minute_of(at))
        self.reads += 1
        if self.reads == self.dies_at_read:
            os.kill(os.getpid(), signal.SIGKILL)
        return replace(confirmed(number), payment_status=f"of {minute_of(at)}")


def minute_of(at: datetime) -> int:
    return (at - START) // MINUTE


def main(calls: str, changes: str, supplier_id: str) -> None:
    django.setup()
    import vendors
    from procurement.fulfilment.polling import claim_due_polls, poll_if_due
    from tests.fakes import FakeVendor

    diary = Diary(json.loads(changes), Path(calls))
    made = replace(
        FakeVendor().vendor(),
        list_changed_orders=diary.list_changed,
        read_order=diary.read,
    )
    real = vendors.get
    vendors.get = lambda code: made if code == "extend" else real(code)
    with time_machine.travel(START, tick=False) as clock:
        print("ready", flush=True)
        for line in sys.stdin:
            minute, *more = line.split()
            clock.move_to(START + int(minute) * MINUTE)
            diary.dies_at_read = diary.reads + 2 if more else 0
            # A claim, and what a queue may do besides: a hint that came twice.
            for due in {*claim_due_polls(), int(supplier_id)}:
                poll_if_due(supplier_id=due)
            print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
