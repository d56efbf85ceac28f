"""The list of all orders, read to its end in whatever pages it comes.

Source: that all orders can be listed with their products and statuses is
documented; nothing is said of paging, of filters, or of a call for a single order.
So the list is read until a page brings nothing new, and a list whose end was not
reached proves nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from vendors import decimals
from vendors.addresses import checked_base
from vendors.contracts import ChangedOrder, ChangedPage, VendorOrder
from vendors.errors import Kind, NotSent, Refused
from vendors.http import VendorClient
from vendors.kvik import names
from vendors.kvik.auth import zone
from vendors.kvik.entries import Entry, to_entry
from vendors.kvik.settings import AUTO, BY_LINK, BY_OFFSET, BY_PAGE, UNPAGED

MOST_PAGES = 200

_Params = dict[str, str | Sequence[str]]


# --- what others call ---------------------------------------------------------


def list_changed_orders(
    client: VendorClient, since: datetime, page: int
) -> ChangedPage:
    """Return all orders as one page; their fingerprints tell which have moved.

    Args:
        since: of no use here, for the shop has no such filter.

    Raises:
        NotSent: the list could not be read to its end.
    """
    if page > 0:
        return ChangedPage(orders=(), next_page=None)
    entries = list_entries(client, purpose="list_changed_orders", is_strict=False)
    return ChangedPage(
        orders=tuple(
            ChangedOrder(
                number=entry.order.number,
                reference=entry.order.reference,
                raw_status=entry.order.raw_status,
                changed_at=None,
                order=entry.order,
                fingerprint=entry.fingerprint,
            )
            for entry in entries
        ),
        next_page=None,
    )


def read_order(client: VendorClient, number: str) -> VendorOrder:
    """Return one order by the shop's number.

    Raises:
        Refused: NOT_FOUND if there is no such order.
        NotSent: it could not be read.
    """
    # Fills the path in any case, for that refuses an empty number.
    path = client.path("path.order", number=number)
    if client.option("reads_single_orders"):
        return _read_one(client, path, number)
    for entry in list_entries(client, purpose="read_order"):
        if entry.order.number == number:
            return entry.order
    raise Refused(
        f"{client.account.supplier} does not list an order {number[:40]}.",
        kind=Kind.NOT_FOUND,
    )


def _read_one(client: VendorClient, path: str, number: str) -> VendorOrder:
    answer = client.ask("GET", path, purpose="read_order")
    entry = entry_in(answer, client)
    if entry is None or entry.order.number != number:
        raise client.unreadable("the answer does not hold the order asked for.")
    return entry.order


def entry_in(answer: Any, client: VendorClient) -> Entry | None:
    """Return the one order of an answer, bare or wrapped; None if there is none."""
    mapping = client.mapping
    if isinstance(answer, list):
        answer = answer[0] if len(answer) == 1 else None
    if not names.text(answer, mapping["order.number"]):
        inside = names.found(answer, mapping["order.inside"])
        inside = inside[0] if isinstance(inside, list) and inside else inside
        answer = inside if isinstance(inside, dict) else answer
    return to_entry(answer, mapping, zone(client))


def list_entries(
    client: VendorClient, *, purpose: str, is_strict: bool = True
) -> list[Entry]:
    """Return every order of the list.

    Args:
        is_strict: an order listed without a number spoils the list, for it may be
            the very one that is looked for. Else it is left out.

    Raises:
        NotSent: the list could not be read to its end.
    """
    clock = zone(client)
    rows, _ = walk(client, purpose=purpose)
    entries = [to_entry(row, client.mapping, clock) for row in rows]
    good = [entry for entry in entries if entry is not None and entry.order.number]
    if len(good) < len(entries) and (is_strict or not good):
        raise client.unreadable(
            "an order is listed without its number; compare the name order.number."
        )
    return good


# --- how the list is read -----------------------------------------------------


@dataclass(frozen=True)
class _Request:
    path: str
    params: _Params


@dataclass
class _Pager:
    """Says what to ask for next, in one of the styles of paging."""

    client: VendorClient
    path: str
    style: str
    page: int = 0
    rows_read: int = 0
    size: int = 0
    has_links: bool = False
    seen: dict[str, Any] = field(default_factory=dict)

    def first(self) -> _Request:
        self.size = self.client.option("page_size")
        return self._request(is_first=True)

    def take(self, rows: Sequence[Any]) -> bool:
        """Keep the rows of a page; False if nothing of it is new."""
        before = len(self.seen)
        for row in rows:
            number = names.text(row, self.client.mapping["order.number"])
            # Read later is fresher; a row without a number is known by all of it.
            self.seen[number or decimals.dumps(row).decode()] = row
        self.rows_read += len(rows)
        if self.page == 0 and self.style == AUTO:
            self.size = len(rows)
        return len(self.seen) > before

    def following(self, answer: Any, at: _Request) -> _Request | None:
        """Return the request for the next page; None if there is none."""
        if self.style in (AUTO, BY_LINK):
            if link := names.text(answer, self.client.mapping["list.next"]):
                self.has_links = True
                return _Request(*same_origin(self.client, at.path, link))
            if self.has_links or self.style == BY_LINK:
                return None
        if self.style == UNPAGED:
            if names.text(answer, self.client.mapping["list.next"]):
                raise self._misunderstood()
            return None
        self.page += 1
        return self._request()

    def raise_if_misunderstood(self) -> None:
        """Tell the wrong style from the end: a second page like the first is none.

        In "auto" it is the end, for there the shop was asked in every way.
        """
        if self.page == 1 and self.style in (BY_PAGE, BY_OFFSET):
            raise self._misunderstood()

    def _misunderstood(self) -> NotSent:
        return NotSent(
            f"{self.client.account.supplier} does not page its orders as the option "
            f"says ({self.style}), so there may be more. Set it to {AUTO}.",
            kind=Kind.CONFIGURATION,
        )

    def _request(self, *, is_first: bool = False) -> _Request:
        params: _Params = {}
        # In "auto" the first page is asked for plainly, and the second in both ways
        # at once: whichever the shop knows, it means the same rows.
        is_auto = self.style == AUTO and not is_first
        mapping = self.client.mapping
        if self.style == BY_PAGE or is_auto:
            number = self.client.option("first_page") + self.page
            names.put(params, mapping["query.page"], str(number))
        if self.style in (BY_PAGE, BY_OFFSET) or is_auto:
            names.put(params, mapping["query.limit"], str(self.size))
        if self.style == BY_OFFSET or is_auto:
            names.put(params, mapping["query.offset"], str(self.rows_read))
        return _Request(self.path, params)


def walk(client: VendorClient, *, purpose: str) -> tuple[list[Any], str]:
    """Return the rows of all pages, each once, and how they were paged.

    Raises:
        NotSent: the end was not reached.
    """
    pager = _Pager(client, client.path("path.orders"), client.option("paging"))
    request: _Request | None = pager.first()
    answers = 0
    while request is not None:
        if answers == MOST_PAGES:
            raise client.unreadable("the list of orders has no end.")
        answer = _ask(client, request, purpose, is_first=answers == 0)
        answers += 1
        rows = names.rows(
            answer, client.mapping["list.orders"], client.mapping["order.number"]
        )
        if rows is None:
            raise client.unreadable("the answer holds no list of orders.")
        if not rows:
            break
        if not pager.take(rows):
            pager.raise_if_misunderstood()
            break
        request = pager.following(answer, request)
    return list(pager.seen.values()), _style_seen(pager, answers)


def _style_seen(pager: _Pager, answers: int) -> str:
    if pager.has_links:
        return BY_LINK
    # The last answer brought nothing new, so two mean that all was in the first.
    return UNPAGED if answers <= 2 else "page or offset"


def _ask(
    client: VendorClient, request: _Request, purpose: str, *, is_first: bool
) -> Any:
    try:
        return client.ask("GET", request.path, purpose=purpose, params=request.params)
    except Refused as refusal:
        # In place of an empty list, says the shop itself; a bare 404 of the first
        # page may come from anybody on the way, and proves nothing.
        is_missing = refusal.kind is Kind.NOT_FOUND
        if is_missing and (refusal.vendor_text or not is_first):
            return []
        advice = "" if is_first else " Set the option for its paging."
        raise NotSent(
            f"{client.account.supplier}: the list of orders was refused, so it can't "
            f"be told what is in it.{advice}",
            kind=Kind.CONFIGURATION,
            status=refusal.status,
            vendor_text=refusal.vendor_text,
        ) from None


def same_origin(client: VendorClient, path: str, link: str) -> tuple[str, _Params]:
    """Return the path and the parameters of a next link, if it stays at the shop.

    Raises:
        NotSent: it leads elsewhere; our token must not go there.
    """
    base = checked_base(client.account, client.account.base_url)
    elsewhere = client.unreadable("the list of orders goes on at another address.")
    try:
        target = urlsplit(urljoin(f"{base}/{path.lstrip('/')}", link))
        home = urlsplit(base)
        origins = [(each.scheme, each.hostname, _port(each)) for each in (target, home)]
        has_user = "@" in target.netloc
        params = parse_qs(target.query, keep_blank_values=True, strict_parsing=False)
    except ValueError:
        raise elsewhere from None
    prefix = home.path.rstrip("/") + "/"
    if origins[0] != origins[1] or has_user or not target.path.startswith(prefix):
        raise elsewhere
    return target.path.removeprefix(prefix), dict(params)


def _port(address: Any) -> int:
    return address.port or (443 if address.scheme == "https" else 80)
