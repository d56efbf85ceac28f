"""Why something can't be done to a customer at a supplier; empty texts: it can."""

from django.db.models import Q

from procurement.customers.models import CustomerLink, LinkState
from procurement.customers.queries import register_of
from procurement.transmissions.models import Operation, Outcome, State, Transmission
from vendors.contracts import Capability, NotOffered

UNDER_WAY = (LinkState.QUEUED, LinkState.SENDING, LinkState.UNKNOWN)
BY_HAND = "Record the number by hand."


def why_not_find(link: CustomerLink) -> str:
    """Why it can't be looked up and linked."""
    if reason := _why_not_now(link):
        return reason
    if reason := link.supplier.api.why_not(Capability.CUSTOMERS):
        return f"{reason} {BY_HAND}"
    register = register_of(link.supplier)
    if register and isinstance(register.find, NotOffered):
        return f"{register.find.reason} {BY_HAND}"
    return ""


def why_not_create(link: CustomerLink) -> str:
    """Why it can't be created there: not offered, or there already, maybe."""
    if reason := why_not_find(link):
        return reason
    register = register_of(link.supplier)
    if register and isinstance(register.create, NotOffered):
        return f"{register.create.reason} Have it made there, and link it then."
    if link.state == LinkState.CREATED_WITHOUT_NUMBER or was_created(link):
        return (
            f"{link} was created before; it is never created a second time. Find it, "
            "or ask the supplier for the number and record it."
        )
    return ""


def was_created(link: CustomerLink) -> bool:
    """Whether the supplier ever took it, whatever became of the link since."""
    if link.pk is None:
        return False
    asked = Transmission.objects.filter(
        operation=Operation.CREATE_CUSTOMER, subject=link.subject
    )
    return asked.filter(
        Q(state=State.SENT) | Q(attempts__outcome=Outcome.ACCEPTED)
    ).exists()


def why_not_record(link: CustomerLink) -> str:
    return _why_not_now(link)


def why_not_unlink(link: CustomerLink) -> str:
    return "" if link.state == LinkState.LINKED else f"{link} is not linked."


def why_not_settle(link: CustomerLink) -> str:
    is_unknown = link.state == LinkState.UNKNOWN
    return "" if is_unknown else f"No outcome is unknown for {link}."


def _why_not_now(link: CustomerLink) -> str:
    if link.state == LinkState.LINKED:
        return f"{link} has the number {link.number} already. Unlink it first."
    if link.state == LinkState.UNKNOWN:
        return (
            f"{link} may have been created: the answer was lost. It is looked up; "
            "otherwise ask the supplier, then settle it."
        )
    if link.state in UNDER_WAY:
        return f"{link} is on its way: {link.get_state_display().lower()}."
    return ""
