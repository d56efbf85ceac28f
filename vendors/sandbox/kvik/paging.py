"""The list of orders, cut up in one of four ways.

"All existing orders" is all that is documented. A parameter of another way than the
one set is ignored, so that a client with the wrong way gets the first page over and
over; no way tells how many orders there are.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from vendors.sandbox.kvik.answers import invalid
from vendors.sandbox.messages import Refusal, Request
from vendors.sandbox.world import MOST_ON_A_PAGE, Settings


def page_of(
    request: Request, address: str, documents: Sequence[Any], settings: Settings
) -> dict[str, Any]:
    """Return one answer of the list.

    Args:
        address: of the list, for the link to the next page.
    """
    way, whole = settings.kvik_paging, {"_type": "OrderCollection"}
    if way == "none":
        return whole | {"items": list(documents)}
    limit = _whole(request, "limit", settings.kvik_page_size, least=1)
    limit = min(limit, MOST_ON_A_PAGE)
    if way == "page":
        page = _whole(request, "page", default=1, least=1)
        start = (page - 1) * limit
        return whole | {
            "items": list(documents[start : start + limit]),
            "page": page,
            "limit": limit,
        }
    start = _whole(request, "after" if way == "link" else "offset", 0, least=0)
    answer = whole | {"items": list(documents[start : start + limit])}
    if way == "offset":
        return answer | {"offset": start, "limit": limit}
    following = None
    if start + limit < len(documents):
        query = urlencode({"after": start + limit, "limit": limit})
        following = f"{address}?{query}"
    return answer | {"next": following}


def _whole(request: Request, name: str, default: int, least: int) -> int:
    text = request.parameter(name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not is_number or int(text) < least:
        raise Refusal(invalid(f"{name} must be a whole number.", {name: text}))
    return int(text)
