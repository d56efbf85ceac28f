"""Why something can't be done to a shop at a supplier; empty texts mean it can."""

from procurement.shops.models import PushState, ShopRegistration, ShopState
from procurement.transmissions.models import Attempt, Operation, Outcome
from vendors.contracts import Capability

UNDER_WAY = (ShopState.QUEUED, ShopState.SENDING, ShopState.UNKNOWN)
PUSH_UNDER_WAY = (PushState.QUEUED, PushState.SENDING, PushState.UNKNOWN)
THERE = (ShopState.CREATED, ShopState.CREATED_WITHOUT_ID)


def why_not_register(registration: ShopRegistration) -> str:
    if reason := registration.supplier.api.why_not(Capability.CREATE_SHOP):
        return f"{reason} Have it made there, and record its id."
    return why_not_again(registration)


def why_not_again(registration: ShopRegistration) -> str:
    """Why the supplier has the shop already, or may have it."""
    if registration.state == ShopState.CREATED:
        return (
            f"{registration} is there already, with the id {registration.vendor_id}. "
            "Push its changes instead."
        )
    if registration.state == ShopState.CREATED_WITHOUT_ID:
        return (
            f"{registration} was created, and its id is not known. Ask the supplier "
            "for it and record it; it is never created a second time."
        )
    if registration.state == ShopState.UNKNOWN:
        return (
            f"{registration} may have been created: the answer was lost. Ask the "
            "supplier, then settle it."
        )
    if registration.state in UNDER_WAY:
        return f"{registration} is on its way: {_word(registration)}."
    if tries_taken(registration):
        return (
            f"{registration}: an earlier try was accepted after it had been settled. "
            "Ask the supplier for the id and record it."
        )
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
        return f"{registration} has no known id. Record the id first."
    if registration.state != ShopState.CREATED:
        return f"{registration} is not there: {_word(registration)}."
    if reason := supplier.api.why_not(Capability.UPDATE_SHOP):
        return f"{reason} Have the supplier change it."
    if registration.is_test == supplier.is_live:
        mode = "test" if registration.is_test else "live"
        return (
            f"{registration} was made while the supplier was in {mode} mode, so its id "
            "belongs to another system. Enter the other account as a supplier of its "
            "own."
        )
    if registration.push_state == PushState.UNKNOWN:
        return (
            f"The outcome of the last push of {registration} is not known. Ask the "
            "supplier, then settle it."
        )
    if registration.push_state in PUSH_UNDER_WAY:
        return f"A push of {registration} is on its way already."
    return ""


def why_not_record(registration: ShopRegistration) -> str:
    if registration.state == ShopState.UNKNOWN:
        return f"The outcome of creating {registration} is not known. Settle it."
    if registration.state in UNDER_WAY:
        return f"{registration} is on its way: {_word(registration)}."
    if registration.push_state in PUSH_UNDER_WAY:
        return f"A push of {registration} is under way. Wait for it, or settle it."
    return ""


def why_not_settle(registration: ShopRegistration) -> str:
    is_unknown = (
        registration.state == ShopState.UNKNOWN
        or registration.push_state == PushState.UNKNOWN
    )
    return "" if is_unknown else f"No outcome is unknown for {registration}."


def _word(registration: ShopRegistration) -> str:
    return registration.get_state_display().lower()
