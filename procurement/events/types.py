"""All types of events, each with what it means, and how they are asked for."""

from collections.abc import Collection, Iterable

from procurement.errors import InvalidInput

_SENDING = {
    "sending": "A try to send it to the supplier began.",
    "sent": "The supplier took it.",
    "not_sent": "A try failed before anything was sent; it is tried again.",
    "refused": "The supplier said no to it; a person has to change something.",
    "failed": "The last try failed before anything was sent; nothing more is tried.",
    "unknown": "The supplier may have it or not; it is not sent again by itself.",
    "look_up_asked": "A person asked for a look-up of what became of it.",
    "looked_up": "The supplier was asked whether it has it; it was not found.",
    "duplicate": "The supplier has it more than once; a person has to settle it.",
    "released": "It is proven that the supplier does not have it.",
    "withdrawn": "It was taken back before it was sent.",
    "try_asked": "A person asked for the next try at once.",
    "handed_over": "A person handed what went wrong with it to a colleague.",
    "late_answer": "An answer came after it had been settled; a person has to compare.",
}
"""What may become of one thing that is sent to a supplier."""
_NEVER_LOOKED_UP = ("look_up_asked", "looked_up", "duplicate")
"""No supplier can be asked for a shop."""


def _steps(
    prefix: str, what: str, *, but: Iterable[str] = (), **instead: str
) -> dict[str, str]:
    meanings = {kind: text for kind, text in _SENDING.items() if kind not in but}
    return {
        f"{prefix}{kind}": f"{what}: {text[0].lower()}{text[1:]}"
        for kind, text in {**meanings, **instead}.items()
    }


_ORDER = {
    "created": "It was entered.",
    "imported": "It was entered from a file.",
    "changed": "A person or a system changed it.",
    "reopened": "It can be changed and sent again after the supplier refused it.",
    "assigned": "Another person is its buyer now.",
    "commented": "A person said something about it.",
    "lines_checked": "The supplier was asked for price and availability of its lines.",
    "prices_taken": "The supplier's prices were put into its lines.",
    "submitted": "Approval was asked for.",
    "levels_fixed": "The levels of approval it has to pass were fixed.",
    "level_approved": "It was approved at one level, and not yet at the last.",
    "handed_on": "An approver handed the decision to a colleague.",
    "approved": "It is approved.",
    "returned": "An approver sent it back to be changed.",
    "rejected": "An approver rejected it for good.",
    "approval_void": "A change took the approval away; it needs a new one.",
    "not_sent_at_once": "It was approved, but could not be sent by itself.",
    "sending_asked": "It is to be sent to the supplier.",
    **_SENDING,
    "cancelling_asked": "The supplier is to be asked to cancel it.",
    **_steps("cancelling_", "Cancelling", but=("sent",)),
    "number_learnt": "The number it has at the supplier became known.",
    "supplier_update": "The supplier told news that move it to no other state.",
    "confirmed": "The supplier confirmed it, or a person recorded that.",
    "picking": "The supplier is picking it.",
    "partially_shipped": "A part of it was shipped.",
    "shipped": "All of it was shipped.",
    "delivered": "The supplier says that it was delivered.",
    "cancelled": "It was cancelled.",
    "shipment_recorded": "A person recorded a shipment.",
    "cancellation_recorded": "A person recorded that a part of it was cancelled.",
    "invoice_recorded": "A person recorded an invoice.",
    "received": "Goods were counted in.",
    "closed_short": "It was closed although goods are missing.",
    "attention": "Something about it needs a person.",
    "attention_by_hand": "What a person recorded needs a look.",
    "attention_over": "What was flagged is no longer so.",
    "attention_dismissed": "A person took the flag off.",
    "erased": "The personal data of its customer was erased from it.",
}
_PARTY = {
    "created": "It was entered.",
    "changed": "A person or a system changed it.",
    "creating_asked": "It is to be created at the supplier.",
    "late_answer": "An answer came after it had been settled; a person has to compare.",
}
_SHOP = {
    **_PARTY,
    **_steps("creating_", "Creating", but=(*_NEVER_LOOKED_UP, "late_answer")),
    "id_recorded": "A person recorded the id it has at the supplier.",
    "push_asked": "Its changes are to be pushed to the supplier.",
    **_steps("push_", "Pushing", but=(*_NEVER_LOOKED_UP, "sent")),
    "pushed": "The supplier took its changes.",
}
_CUSTOMER = {
    **_PARTY,
    **_steps("creating_", "Creating", but=("late_answer",)),
    "linked": "It was found at the supplier, and linked to its number there.",
    "number_recorded": "A person recorded the number it has at the supplier.",
    "unlinked": "The link to its number at the supplier was taken away.",
    "exported": "What is kept about it was handed out.",
    "erased": "Its personal data was erased; erase what you have of it.",
}
_SUPPLIER = {
    "created": "It was entered.",
    "changed": "A person or a system changed its settings.",
    "paused": "A person paused it; nothing is sent to it.",
    "resumed": "A person ended the pause.",
    "tried": "A person asked for a try although it was paused by itself.",
    "breaker_opened": "It was paused by itself after failures in a row.",
    "breaker_closed": "It works again; calls go out.",
    "item_created": "An item of it was entered.",
    "item_changed": "An item of it was changed.",
    "item_removed": "An item of it was removed.",
    "items_imported": "Items of it were brought in a file.",
    "price_file_brought": "A person brought a price file.",
    "price_file_released": "A person released a price file that was held back.",
    "price_file_discarded": "A person discarded a price file that was held back.",
    "price_released": "A person released a price that was held back.",
}
_LOGIN = {
    "started": "A person began to connect a customer's login at a supplier's shop.",
    "connected": "The login was connected.",
    "not_connected": "The login could not be connected.",
    "came_too_late": "The shop's answer came too late and was not kept.",
    "foreign_return": "A person came back from the shop with another person's try.",
    "renewal_asked": "A person asked for the login to be renewed.",
    "not_renewed": "Renewing failed; it is tried again.",
    "renewal_lost": "No answer came to a renewal; it has to be connected anew.",
    "ended": "The shop ended the login; it has to be connected anew.",
    "disconnected": "A person disconnected the login.",
}
TYPES = {
    f"{subject}.{kind}": text
    for subject, kinds in {
        "order": _ORDER,
        "shop": _SHOP,
        "customer": _CUSTOMER,
        "supplier": _SUPPLIER,
        "login": _LOGIN,
    }.items()
    for kind, text in kinds.items()
}
"""`order.approved` to what it means. Types are added; none changes its meaning."""
CHOICES = tuple(TYPES.items())
WILDCARDS = tuple(dict.fromkeys(f"{name.partition('.')[0]}.*" for name in TYPES))
"""`order.*`: whatever happens to orders."""


def parse_types(text: str) -> tuple[str, ...]:
    """Types asked for in one text, with commas between them; none for all.

    Raises:
        InvalidInput: under `types`: there is no such type.
    """
    return require_types(filter(None, (part.strip() for part in text.split(","))))


def require_types(types: Iterable[str], *, field: str = "types") -> tuple[str, ...]:
    """The types as given, each once.

    Raises:
        InvalidInput: under `field`: there is no such type.
    """
    given = tuple(dict.fromkeys(types))
    for name in given:
        if name not in TYPES and name not in WILDCARDS:
            text = f"There is no type {name[:60]}. "
            text += f"Take {', '.join(WILDCARDS)}, or types from the reference."
            raise InvalidInput({field: text})
    return given


def kinds_of(subject: str, types: Collection[str]) -> frozenset[str] | None:
    """The kinds of one subject that are asked for; None for all of them."""
    if not types or f"{subject}.*" in types:
        return None
    prefix = f"{subject}."
    return frozenset(
        name.removeprefix(prefix) for name in types if name.startswith(prefix)
    )
