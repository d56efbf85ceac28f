"""Tinker's paths, member names and status words, and how sure each is.

Source: Tinker's leaflet "Ordering by API" prints a session, an article and an order.
It names no status but `received`; the other words are those of its web shop.
"""

from collections.abc import Mapping

from vendors.contracts import Fulfilment, Name, documented, inferred

MAPPING: Mapping[str, Name] = {
    "path.session": documented("/session"),
    "path.article": documented("/articles/{number}"),
    "path.orders": documented("/orders"),
    "path.order": documented("/orders/{number}"),
    "header.session": documented("X-Session"),
    "session.key": documented("key"),
    "session.token": documented("session"),
    "session.seconds": inferred("seconds", "how long it lives; the sample says 900"),
    "article.number": documented("no"),
    "article.text": documented("text"),
    "article.price": documented("net", "a text; that VAT is not in it, its name says"),
    "article.currency": documented("cur"),
    "article.free": documented("free", "pieces that can be sold"),
    "order.reference": documented("your_ref"),
    "order.note": inferred("remark", "the field of that name in the web shop"),
    "order.lines": documented("positions"),
    "order.number": documented("no"),
    "order.status": documented("state"),
    "line.number": documented("no"),
    "line.quantity": documented("pieces"),
    "line.price": documented("net"),
    "query.reference": documented("your_ref"),
    "list.orders": documented("orders"),
    "order_status.received": documented("confirmed"),
    "order_status.packed": inferred("picking", "seen in the web shop"),
    "order_status.on the road": inferred("shipped", "seen in the web shop"),
    "order_status.scrapped": inferred("cancelled", "seen in the web shop"),
}

WORD_KINDS: Mapping[str, tuple[str, ...]] = {"order_status": tuple(Fulfilment)}
"""What a status word may mean."""
