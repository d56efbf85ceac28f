"""The list of what is in trouble: what was chosen, and the window that is read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import State, Transmission
from procurement.troubles import queries
from procurement.troubles.buttons import buttons
from procurement.troubles.causes import CAUSES
from procurement.troubles.rows import COLUMNS, Group, Row, group, money_of, read_rows

WINDOW = 400
"""Rows of one page; a group shows fewer of them until it is looked at alone."""
SHOWN_OF_A_GROUP = 10
WAITING_SHOWN = 200

SORTS: dict[str, str | Promise] = {
    "newest": _("Newest first"),
    "oldest": _("Oldest first"),
    "money": _("Most money first"),
}
WHOSE: dict[str, str | Promise] = {
    "": _("Everybody's"),
    "me": _("Handed to me"),
    "nobody": _("Handed to nobody"),
    "bought": _("Orders I buy"),
}


@dataclass(frozen=True)
class Choice:
    """What the bar above the list says."""

    supplier: str = ""
    cause: str = ""
    whose: str = ""
    sort: str = "newest"
    page: int = 1

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Choice":
        """What an address asks for; what no bar offers is left out."""
        supplier, page = given.get("supplier", ""), given.get("p", "")
        whose, sort = given.get("whose", ""), given.get("sort", "")
        return cls(
            supplier=supplier if supplier.isdecimal() and len(supplier) < 10 else "",
            cause=given.get("cause", ""),
            whose=whose if whose in WHOSE else "",
            sort=sort if sort in SORTS else "newest",
            page=int(page) if page.isdecimal() and 0 < int(page[:5]) < 1000 else 1,
        )

    @property
    def is_narrowed(self) -> bool:
        return bool(self.supplier or self.cause or self.whose)

    def address(self, **changes: object) -> str:
        given = {
            "supplier": self.supplier,
            "cause": self.cause,
            "whose": self.whose,
            "sort": "" if self.sort == "newest" else self.sort,
            **changes,
        }
        return "?" + urlencode({key: value for key, value in given.items() if value})

    def narrow(
        self, rows: QuerySet[Transmission], user: User
    ) -> QuerySet[Transmission]:
        if self.supplier:
            rows = rows.filter(supplier_id=int(self.supplier))
        if self.cause:
            state, _dash, kind = self.cause.partition("-")
            rows = rows.filter(state=state, kind=kind)
        if self.whose == "me":
            rows = rows.filter(trouble_owner__owner=user)
        elif self.whose == "nobody":
            rows = rows.filter(trouble_owner=None)
        elif self.whose == "bought":
            mine = PurchaseOrder.objects.visible_to(user).filter(buyer=user)
            rows = rows.filter(Exists(mine.filter(number=OuterRef("subject"))))
        return rows


@dataclass
class TroubleList:
    """One page of it: groups that need a person, and what goes on by itself."""

    choice: Choice
    groups: list[Group] = field(default_factory=list)
    count: str = "0"
    money: list[str] = field(default_factory=list)
    next_url: str = ""
    previous_url: str = ""
    waiting: list[Group] = field(default_factory=list)
    waiting_count: str = "0"


def trouble_list(user: User, choice: Choice) -> TroubleList:
    """Read a page in a number of queries that does not grow with what there is."""
    found = TroubleList(choice)
    start = (choice.page - 1) * WINDOW
    rows = choice.narrow(queries.needing_a_person(user), user).only(*COLUMNS)
    rows = rows.order_by("pk" if choice.sort == "oldest" else "-pk")
    window = list(rows[start : start + WINDOW + 1])
    has_more = len(window) > WINDOW
    waits = choice.narrow(queries.going_on(user), user).only(*COLUMNS)
    waiting = list(waits[: WAITING_SHOWN + 1])
    shown = window[:WINDOW]
    read = read_rows([*shown, *waiting[:WAITING_SHOWN]], user)
    ids = {each.pk for each in shown}
    needing = [row for row in read if row.transmission.pk in ids]
    later = [row for row in read if row.transmission.pk not in ids]
    is_alone = bool(choice.supplier and choice.cause)
    most = WINDOW if is_alone else SHOWN_OF_A_GROUP
    found.groups = _sorted(group(_by_money(needing, choice), most=most), choice)
    found.waiting = group(later, most=most)
    for each in (*found.groups, *found.waiting):
        for row in each.shown:
            row.buttons = buttons(row, user)
    found.count = f"{start + len(needing)}{'+' if has_more else ''}"
    found.money = money_of(row.order for row in needing)
    found.waiting_count = f"{len(later)}{'+' if len(waiting) > WAITING_SHOWN else ''}"
    if has_more:
        found.next_url = choice.address(p=choice.page + 1)
    if choice.page > 1:
        found.previous_url = choice.address(p=choice.page - 1)
    return found


def _by_money(rows: list[Row], choice: Choice) -> list[Row]:
    if choice.sort != "money":
        return rows
    return sorted(rows, key=lambda row: _worth([row]), reverse=True)


def _sorted(groups: list[Group], choice: Choice) -> list[Group]:
    """Groups come as their first rows do; by money, as their sums do."""
    if choice.sort != "money":
        return groups
    return sorted(groups, key=lambda each: _worth(each.rows), reverse=True)


def _worth(rows: list[Row]) -> Decimal:
    """A rough guide: the amounts alone, since currencies can't be added."""
    return sum((row.order.total for row in rows if row.order), Decimal(0))


def supplier_options() -> list[tuple[str, str]]:
    names = Supplier.objects.order_by("name").values_list("pk", "name")
    return [(str(pk), name) for pk, name in names]


def cause_options() -> list[tuple[str, str]]:
    """Every cause something that needs a person may have, by its state."""
    states = (State.UNKNOWN, State.REFUSED, State.FAILED)
    return [
        (f"{state.value}-{kind.value}", f"{state.label}: {CAUSES[kind].title}")
        for state in states
        for kind in CAUSES
        if state != State.REFUSED or kind in _REFUSALS
    ]


_REFUSALS = ("data", "not_found", "not_allowed", "guard")
