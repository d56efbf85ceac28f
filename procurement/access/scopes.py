"""What a key may be used for: one table, for forms, checks and the documentation."""

from collections.abc import Iterable, Mapping

from django.utils.translation import override

from procurement.texts import Text, gettext_lazy

SCOPES: Mapping[str, Text] = {
    "orders:read": gettext_lazy(
        "Read orders with all that belongs to them, and the shops and customers."
    ),
    "orders:write": gettext_lazy(
        "Enter and change orders; submit, send, cancel, confirm and receive them."
    ),
    "orders:approve": gettext_lazy("Approve, return and reject orders."),
    "suppliers:read": gettext_lazy(
        "Read vendors, suppliers, their items and offers; check a connection."
    ),
    "suppliers:write": gettext_lazy("Make, change and pause suppliers."),
    "shops:write": gettext_lazy(
        "Make and change shops, also at suppliers that keep them."
    ),
    "customers:write": gettext_lazy(
        "Make and change customers, also at suppliers that keep them."
    ),
    "events:read": gettext_lazy("Follow everything that happens, in order."),
    "webhooks:write": gettext_lazy("Keep the addresses that are called with events."),
}
"""Each scope with what it opens. A scope alone opens nothing: the key's user needs the
permission too."""


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    return [scope for scope in scopes if scope not in SCOPES]


def reference() -> str:
    """The scopes as a table in Markdown, in English as all of the documentation."""
    with override("en"):
        rows = [f"| `{scope}` | {meaning} |" for scope, meaning in SCOPES.items()]
    return "\n".join(("| Scope | Opens |", "|---|---|", *rows))
