"""Extend's two styles of paging (both documented).

A parameter of the other style is ignored like any unknown one, so that a client with
the wrong style gets the first page again and again, without an error.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from vendors.sandbox.extend.answers import bad_request
from vendors.sandbox.extend.fields import whole_parameter
from vendors.sandbox.messages import Answer, Request

PAGE_SIZE = 100
Row = TypeVar("Row")


def page_by_offset(request: Request, rows: Sequence[Row]) -> Sequence[Row]:
    """Return a page of `CustomerOrders` or `Products`.

    `pageCount` is the size of a page, `pageOffset` its index from 0; the answer is a
    bare array without totals.
    """
    size = whole_parameter(request, "pageCount", default=PAGE_SIZE, least=1)
    index = whole_parameter(request, "pageOffset", default=0, least=0)
    if size > PAGE_SIZE:
        raise bad_request(f"pageCount: at most {PAGE_SIZE}.")
    return rows[index * size : (index + 1) * size]


def page_by_number(request: Request, member: str, rows: Sequence[Any]) -> Answer:
    """Answer with a page of all other lists.

    `pageNumber` counts from 1; the answer is an object with one list member and
    `paginationInfo`. A page past the last is a 400, as seen when a result shrank.
    """
    number = whole_parameter(request, "pageNumber", default=1, least=1)
    pages = max(-(-len(rows) // PAGE_SIZE), 1)
    if number > pages:
        raise bad_request(f"pageNumber {number} does not exist, there are {pages}.")
    return Answer.json(
        200,
        {
            member: rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
            "paginationInfo": {
                "currentPage": number,
                "totalPages": pages,
                "pageSize": PAGE_SIZE,
                "totalResources": len(rows),
                "message": None,
            },
        },
    )
