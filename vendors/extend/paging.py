"""Extend's lists, page by page: two styles, and when there is no more.

Source: the schema. `CustomerOrders` and `Products` take a size and an index and
answer with a bare array; all other lists take a number and answer with an object that
says how many pages there are, or says nothing. A list asked in the wrong style gives
its first page again and again, without an error. Which list takes which stands in the
mapping.

Whatever the style, pages are counted from 0 here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vendors import reading
from vendors.errors import Kind, NotSent, Refused
from vendors.extend.auth import path, utc
from vendors.http import VendorClient

PAGE_SIZE = 100
"""What the vendor gives at most."""

MOST_PAGES = 5000

Params = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class ListPage:
    """One page. Odd rows stay in it, for their number tells whether it is full."""

    rows: list[Any]
    next_page: int | None = None

    def objects(self) -> list[dict[str, Any]]:
        return [row for row in self.rows if isinstance(row, dict)]


def read_page(
    client: VendorClient, what: str, params: Params, page: int, *, purpose: str
) -> ListPage:
    """Return one page of a list.

    Args:
        what: orders, products, availability, prices or customers.
        page: from 0.

    Raises:
        Refused: Extend said no to the request.
        NotSent: the page could not be read, or pages are not turned.
    """
    found = _ask(client, what, params, page, purpose=purpose)
    is_told = found.pages is not None
    if is_told:
        more = page + 1 < (found.pages or 0) and bool(found.rows)
    else:
        more = len(found.rows) >= PAGE_SIZE
    if not more:
        return ListPage(found.rows)
    if page + 1 >= MOST_PAGES:
        raise client.unreadable(f"more {what} are listed than can be looked through.")
    if page == 1 and not is_told:
        # Once is enough: a list that turns one page turns them all.
        first = _ask(client, what, params, 0, purpose=purpose)
        if first.rows == found.rows:
            raise _not_turned(client, what)
    return ListPage(found.rows, page + 1)


def read_all(
    client: VendorClient, what: str, params: Params, *, purpose: str
) -> Iterator[dict[str, Any]]:
    """Yield the rows of all pages of a list.

    Raises:
        Refused: Extend said no to the request.
        NotSent: it could not be read to its end, which proves no absence.
    """
    page: int | None = 0
    while page is not None:
        found = read_page(client, what, params, page, purpose=purpose)
        yield from found.objects()
        page = found.next_page


def read_changes(
    client: VendorClient,
    what: str,
    since: datetime,
    page: int,
    *,
    purpose: str,
    params: Params | None = None,
    parameter: str = "query.changed_from",
) -> ListPage:
    """Return one page of what changed since a moment, and some before it.

    Args:
        since: the last change seen, by Extend's clock; the option `poll_overlap`
            is taken off it here.
        parameter: the mapping key of the parameter that takes the moment.

    Raises:
        Refused: Extend said no to the request.
        NotSent: the page could not be read.
    """
    start = since - timedelta(minutes=client.option("poll_overlap"))
    changed = {client.mapping[parameter]: utc(start), **(params or {})}
    try:
        return read_page(client, what, changed, page, purpose=purpose)
    except Refused as refusal:
        # The list has shrunk below this page meanwhile; the overlap of the next
        # reading covers what moved.
        if page > 0 and refusal.status == 400:
            return ListPage([])
        raise


@dataclass(frozen=True)
class _Found:
    rows: list[Any]
    pages: int | None
    """How many there are, where the answer says it."""


def _ask(
    client: VendorClient, what: str, params: Params, page: int, *, purpose: str
) -> _Found:
    names = client.mapping
    answer = client.ask(
        "GET",
        path(client, f"path.{what}"),
        purpose=purpose,
        params={**params, **paging(names, what, page)},
    )
    rows = rows_of(answer, names.get(f"{what}.list", ""))
    if rows is None:
        raise client.unreadable(f"the answer holds no list of {what}.")
    info = reading.member(answer, names["paging.info"])
    pages = reading.whole(reading.member(info, names["paging.pages"]))
    shown = reading.whole(reading.member(info, names["paging.page"]))
    if shown is not None and shown != page + 1:
        if pages is None or page < pages:
            raise _not_turned(client, what)
        # Asked for beyond the end, which gave the last page once more.
        return _Found([], pages)
    return _Found(rows, pages)


def paging(
    names: Mapping[str, str], what: str, page: int, size: int = PAGE_SIZE
) -> dict[str, str]:
    """Return the parameters that ask for a page, in the style of the list.

    Raises:
        NotSent: the mapping names no style there is.
    """
    style = names[f"paging.{what}"]
    if style == "number":
        return {names["query.page_number"]: str(page + 1)}
    if style not in ("index", "record"):
        raise NotSent(
            f"paging.{what} must be index, record or number, not {style[:40]!r}.",
            kind=Kind.CONFIGURATION,
        )
    return {
        names["query.page_size"]: str(size),
        names["query.page_index"]: str(page if style == "index" else page * size),
    }


def rows_of(answer: Any, list_name: str) -> list[Any] | None:
    """Return the rows of a page; None if there is no list in the answer.

    Where the schema names no list, because it tells of a bare array, any list in an
    object around it will do.
    """
    if isinstance(answer, dict):
        inside = [value for value in answer.values() if isinstance(value, list)]
        unnamed = inside[0] if inside else None
        answer = reading.member(answer, list_name) if list_name else unnamed
        if isinstance(answer, dict):
            return [answer]
    return answer if isinstance(answer, list) else None


def _not_turned(client: VendorClient, what: str) -> NotSent:
    return client.unreadable(
        f"another page of {what} was asked for, and the same one came again; "
        f"check paging.{what} in the names of this supplier."
    )
