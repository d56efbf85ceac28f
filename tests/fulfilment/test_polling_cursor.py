"""Nothing that changed is passed over, whatever a list does while it is being read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from procurement.fulfilment.passes import ListReader, Reached
from vendors.contracts import ChangedOrder, ChangedPage
from vendors.errors import Kind, NotSent

START = datetime(2031, 4, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
OVERLAP = 5 * MINUTE
PAGE_SIZE = 2
ORDERS = 9

ORDERINGS: dict[str, Any] = {
    "oldest first": lambda number, at: (at, number),
    "newest first": lambda number, at: (-at.timestamp(), number),
    "by number": lambda number, at: number,
    "in no order to be seen": lambda number, at: number * 7 % 11,
}


@dataclass
class Step:
    """What happens before one call is answered."""

    minutes: int = 0
    changing: tuple[int, ...] = ()
    late_by: int = 0
    """So many minutes pass until these changes are listed, dated as they were made."""
    fails: bool = False


@dataclass
class Books:
    """A vendor whose orders change, and its list of changes as it is at each call."""

    clock: time_machine.Traveller
    ordering: str
    shows_twice: bool
    script: Iterator[Step]
    listed: dict[int, datetime] = field(default_factory=dict)
    on_the_way: list[tuple[datetime, int, datetime]] = field(default_factory=list)
    is_calm: bool = False
    pages_given: int = 0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def live(self) -> None:
        """Take the next step of the script."""
        step = next(self.script)
        self.clock.shift(step.minutes * MINUTE)
        for number in step.changing:
            visible = self.now() + step.late_by * MINUTE
            self.on_the_way.append((visible, number, self.now()))
        self.settle()
        if step.fails:
            raise NotSent("No connection.", kind=Kind.CONNECTION)

    def settle(self) -> None:
        """List the changes that are visible by now."""
        due = [each for each in self.on_the_way if each[0] <= self.now()]
        self.on_the_way = [each for each in self.on_the_way if each not in due]
        for _, number, at in sorted(due):
            self.listed[number] = at

    def changed_since(self, since: datetime) -> list[tuple[int, datetime]]:
        """Return the entries as a vendor module asks for them: with its overlap."""
        key = ORDERINGS[self.ordering]
        rows = [row for row in self.listed.items() if row[1] >= since - OVERLAP]
        rows.sort(key=lambda row: key(*row))
        return [row for row in rows for _ in range(1 + self.shows_twice)]

    def list_changed(self, client: Any, since: datetime, page: int) -> ChangedPage:
        if not self.is_calm:
            self.live()
        self.pages_given += 1
        rows = self.changed_since(since)
        end = (page + 1) * PAGE_SIZE
        return ChangedPage(
            orders=tuple(
                ChangedOrder(
                    number=str(number), reference="", raw_status="", changed_at=at
                )
                for number, at in rows[page * PAGE_SIZE : end]
            ),
            next_page=page + 1 if len(rows) > end else None,
        )


class Reader:
    """What is recorded of the orders, and the state that is kept between polls."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.known: dict[str, datetime | None] = {}
        self.reached = Reached(START - timedelta(days=1), None)
        self.reads = 0

    def take(self, entries: tuple[ChangedOrder, ...]) -> None:
        for each in entries:
            if self.known.get(each.number) != each.changed_at:
                self.known[each.number] = each.changed_at
                self.reads += 1

    def poll(self) -> None:
        """Poll once; what fails or dies half-way leaves the cursor where it was."""
        api = SimpleNamespace(list_changed_orders=self.books.list_changed)
        talk: Any = SimpleNamespace(client=None, supplier=SimpleNamespace(api=api))
        turn: Any = SimpleNamespace(keep=lambda: None)
        patience: Any = SimpleNamespace(call=lambda function: function())
        entries: Any = self
        since = self.reached.cursor
        assert since is not None
        try:
            found = ListReader(talk, turn, entries, patience, since)
            self.reached = found.read(self.reached.newest_seen)
        except NotSent:
            return


STEPS = st.builds(
    Step,
    minutes=st.integers(0, 4),
    changing=st.lists(st.integers(1, ORDERS), max_size=3, unique=True).map(tuple),
    late_by=st.sampled_from([0, 0, 0, 3, 5]),
    fails=st.sampled_from([False] * 9 + [True]),
)


@given(
    ordering=st.sampled_from(sorted(ORDERINGS)),
    shows_twice=st.booleans(),
    script=st.lists(STEPS, min_size=1, max_size=25),
    pauses=st.lists(st.integers(0, 20), min_size=1, max_size=6),
)
@settings(max_examples=300)
def test_every_change_is_read_within_a_poll_after_things_calm_down(
    ordering: str, shows_twice: bool, script: list[Step], pauses: list[int]
) -> None:
    with time_machine.travel(START, tick=False) as clock:
        books = Books(clock, ordering, shows_twice, cycle(script))
        books.listed = dict.fromkeys(range(1, ORDERS + 1), START)
        reader = Reader(books)
        for pause in pauses:
            reader.poll()
            clock.shift(pause * MINUTE)
        clock.shift(OVERLAP)
        books.settle()
        books.is_calm = True

        reader.poll()

        assert reader.known == {str(n): at for n, at in books.listed.items()}

        reader.reads = books.pages_given = 0
        listed = len(books.changed_since(reader.reached.cursor or START))
        reader.poll()
        pages = max(1, -(-listed // PAGE_SIZE))
        assert (reader.reads, books.pages_given) == (0, pages), "a calm list, once"


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_order_that_moves_up_onto_a_page_that_was_read_is_met_on_the_way_back(
    ordering: str,
) -> None:
    """A, B | C, D: A changes when the first page has been read, and C moves up."""
    steps = [Step(), Step(minutes=1, changing=(1,))]
    quiet = iter([*steps, *[Step()] * 20])
    with time_machine.travel(START, tick=False) as clock:
        books = Books(clock, ordering, False, quiet)
        books.listed = {n: START - (60 - n) * MINUTE for n in range(1, 5)}
        reader = Reader(books)

        reader.poll()

        # Where the list is not by time, nothing moves, and A is met next time.
        missing = {str(n) for n in books.listed} - set(reader.known)
        assert missing == set()
        books.is_calm = True
        clock.shift(timedelta(hours=3))
        reader.poll()
        assert reader.known == {str(n): at for n, at in books.listed.items()}


def test_time_in_the_future_does_not_blind_us_until_then() -> None:
    with time_machine.travel(START, tick=False) as clock:
        books = Books(clock, "oldest first", False, cycle([Step()]))
        books.listed = {1: START + timedelta(days=400)}
        reader = Reader(books)
        reader.poll()
        clock.shift(timedelta(hours=8))
        books.listed[2] = books.now()

        reader.poll()

        assert reader.known["2"] == books.now()


def test_cursor_never_goes_back() -> None:
    with time_machine.travel(START, tick=False) as clock:
        books = Books(clock, "by number", False, cycle([Step()]))
        reader = Reader(books)
        seen = []
        for minutes in (-5, -60, -1, -30):
            books.listed = {1: START + minutes * MINUTE}
            reader.poll()
            seen.append(reader.reached.cursor)

    assert seen == [START + minutes * MINUTE for minutes in (-5, -5, -1, -1)]
