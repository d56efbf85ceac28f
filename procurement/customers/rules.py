"""Why something can't be done to a customer at a supplier; empty texts: it can."""

from django.db.models import Q
from django.utils.translation import gettext as _

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
        return _("%(reason)s Have it made there, and link it then.") % {
            "reason": register.create.reason
        }
    if link.state == LinkState.CREATED_WITHOUT_NUMBER or was_created(link):
        return _(
            "%(link)s was created before; it is never created a second "
            "time. Find it, or ask the supplier for the number and record "
            "it."
        ) % {"link": link}
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
    return (
        ""
        if link.state == LinkState.LINKED
        else _("%(link)s is not linked.") % {"link": link}
    )


def why_not_settle(link: CustomerLink) -> str:
    is_unknown = link.state == LinkState.UNKNOWN
    return (
        "" if is_unknown else _("No outcome is unknown for %(link)s.") % {"link": link}
    )


def _why_not_now(link: CustomerLink) -> str:
    if link.state == LinkState.LINKED:
        return _("%(link)s has the number %(number)s already. Unlink it first.") % {
            "link": link,
            "number": link.number,
        }
    if link.state == LinkState.UNKNOWN:
        return _(
            "%(link)s may have been created: the answer was lost. It is "
            "looked up; otherwise ask the supplier, then settle it."
        ) % {"link": link}
    if link.state in UNDER_WAY:
        return _("%(link)s is on its way: %(get_state_display)s.") % {
            "link": link,
            "get_state_display": link.get_state_display().lower(),
        }
    return ""
