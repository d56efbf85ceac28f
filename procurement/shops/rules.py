"""Why something can't be done to a shop at a supplier; empty texts mean it can."""

from django.utils.translation import gettext as _

from procurement.shops.models import PushState, ShopRegistration, ShopState
from procurement.transmissions.models import Attempt, Operation, Outcome
from vendors.contracts import Capability

UNDER_WAY = (ShopState.QUEUED, ShopState.SENDING, ShopState.UNKNOWN)
PUSH_UNDER_WAY = (PushState.QUEUED, PushState.SENDING, PushState.UNKNOWN)
THERE = (ShopState.CREATED, ShopState.CREATED_WITHOUT_ID)


def why_not_register(registration: ShopRegistration) -> str:
    if reason := registration.supplier.api.why_not(Capability.CREATE_SHOP):
        return _("%(reason)s Have it made there, and record its id.") % {
            "reason": reason
        }
    return why_not_again(registration)


def why_not_again(registration: ShopRegistration) -> str:
    """Why the supplier has the shop already, or may have it."""
    if registration.state == ShopState.CREATED:
        return _(
            "%(registration)s is there already, with the id %(vendor_id)s. "
            "Push its changes instead."
        ) % {"registration": registration, "vendor_id": registration.vendor_id}
    if registration.state == ShopState.CREATED_WITHOUT_ID:
        return _(
            "%(registration)s was created, and its id is not known. Ask "
            "the supplier for it and record it; it is never created a "
            "second time."
        ) % {"registration": registration}
    if registration.state == ShopState.UNKNOWN:
        return _(
            "%(registration)s may have been created: the answer was lost. "
            "Ask the supplier, then settle it."
        ) % {"registration": registration}
    if registration.state in UNDER_WAY:
        return _("%(registration)s is on its way: %(registration_2)s.") % {
            "registration": registration,
            "registration_2": _word(registration),
        }
    if tries_taken(registration):
        return _(
            "%(registration)s: an earlier try was accepted after it had "
            "been settled. Ask the supplier for the id and record it."
        ) % {"registration": registration}
    return ""


def tries_taken(registration: ShopRegistration) -> int:
    """How many tries to create it were accepted, whatever they were settled as."""
    if registration.pk is None:
        return 0
    return Attempt.objects.filter(
        transmission__operation=Operation.CREATE_SHOP,
        transmission__subject=registration.subject,
        outcome=Outcome.ACCEPTED,
    ).count()


def why_not_push(registration: ShopRegistration) -> str:
    supplier = registration.supplier
    if registration.state == ShopState.CREATED_WITHOUT_ID:
        return _("%(registration)s has no known id. Record the id first.") % {
            "registration": registration
        }
    if registration.state != ShopState.CREATED:
        return _("%(registration)s is not there: %(registration_2)s.") % {
            "registration": registration,
            "registration_2": _word(registration),
        }
    if reason := supplier.api.why_not(Capability.UPDATE_SHOP):
        return _("%(reason)s Have the supplier change it.") % {"reason": reason}
    if registration.is_test == supplier.is_live:
        mode = "test" if registration.is_test else "live"
        return _(
            "%(registration)s was made while the supplier was in %(mode)s "
            "mode, so its id belongs to another system. Enter the other "
            "account as a supplier of its own."
        ) % {"registration": registration, "mode": mode}
    if registration.push_state == PushState.UNKNOWN:
        return _(
            "The outcome of the last push of %(registration)s is not "
            "known. Ask the supplier, then settle it."
        ) % {"registration": registration}
    if registration.push_state in PUSH_UNDER_WAY:
        return _("A push of %(registration)s is on its way already.") % {
            "registration": registration
        }
    return ""


def why_not_record(registration: ShopRegistration) -> str:
    if registration.state == ShopState.UNKNOWN:
        return _(
            "The outcome of creating %(registration)s is not known. Settle it."
        ) % {"registration": registration}
    if registration.state in UNDER_WAY:
        return _("%(registration)s is on its way: %(registration_2)s.") % {
            "registration": registration,
            "registration_2": _word(registration),
        }
    if registration.push_state in PUSH_UNDER_WAY:
        return _(
            "A push of %(registration)s is under way. Wait for it, or settle it."
        ) % {"registration": registration}
    return ""


def why_not_settle(registration: ShopRegistration) -> str:
    is_unknown = (
        registration.state == ShopState.UNKNOWN
        or registration.push_state == PushState.UNKNOWN
    )
    return (
        ""
        if is_unknown
        else _("No outcome is unknown for %(registration)s.")
        % {"registration": registration}
    )


def _word(registration: ShopRegistration) -> str:
    return registration.get_state_display().lower()
