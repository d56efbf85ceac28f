"""How a customer's login at a supplier stands, in words for people."""

from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminshow import badge
from procurement.customers.models import Customer
from procurement.errors import OperationNotAllowed
from procurement.logins.addresses import redirect_uri
from procurement.logins.models import (
    CustomerLoginToken,
    LoginAttempt,
    LoginEvent,
    Outcome,
    State,
)
from procurement.suppliers.models import Supplier
from vendors.contracts import Capability

LATEST = 50
TONES = {
    State.CONNECTED: "green",
    State.RENEWING: "blue",
    State.LOST: "red",
    State.ENDED: "red",
    State.DISCONNECTED: "grey",
}
EVENTS = {
    "started": "Sent to the shop",
    "connected": "Connected",
    "not_connected": "Not connected",
    "foreign_return": "Answer in another session",
    "came_too_late": "Answer came too late",
    "renewal_asked": "Renewal asked for",
    "renewed": "Renewed",
    "not_renewed": "Not renewed",
    "renewal_lost": "Renewal without an answer",
    "ended": "Ended",
    "disconnected": "Disconnected",
}
AGAIN = "Start again when the customer is ready to agree."
TELL_ADMINISTRATOR = (
    "Trying again won't help before an administrator has looked at the supplier's "
    "settings."
)
WHAT_TO_DO = {
    Outcome.DECLINED: AGAIN,
    Outcome.SHOP_ERROR: "Try again; if it stays so, show the shop's words to an "
    "administrator or to the merchant.",
    Outcome.NO_CODE: "Try again; if it stays so, tell an administrator.",
    Outcome.EXPIRED: "Start again, and log in at the shop within ten minutes.",
    Outcome.CHANGED: "Start again, with the new settings.",
    Outcome.REFUSED: "Try again: a code works once, and for a short time.",
    Outcome.NOT_SET_UP: TELL_ADMINISTRATOR,
    Outcome.UNREACHABLE: "Try again in some minutes.",
    Outcome.LOST: "Try again: it begins a new login, and the one before is of no use "
    "to anybody.",
}


@dataclass(frozen=True)
class Standing:
    """One customer at one supplier. `reason` says why there is nothing to connect."""

    customer: Customer
    supplier: Supplier
    token: CustomerLoginToken | None
    reason: str

    @classmethod
    def of(cls, customer: Customer, supplier: Supplier) -> "Standing":
        token = (
            CustomerLoginToken.objects.select_related("connected_by")
            .filter(customer=customer, supplier=supplier)
            .first()
        )
        return cls(customer, supplier, token, why_not(supplier))

    @property
    def mark(self) -> SafeString:
        return mark(self.token)

    @property
    def can_renew(self) -> bool:
        token = self.token
        return token is not None and token.state in (State.CONNECTED, State.LOST)

    @property
    def is_connected(self) -> bool:
        return self.token is not None and self.token.state != State.DISCONNECTED

    @property
    def connect_label(self) -> str:
        return "Connect again" if self.is_connected else "Connect shop login"


def mark(token: CustomerLoginToken | None) -> SafeString:
    if token is None:
        return badge(_("Not connected"))
    state = State(token.state)
    if state is State.ENDED:
        return badge(_("Needs connecting again"), "red", "The login has ended.")
    if state is State.CONNECTED and token.last_error:
        return badge(_("Connected, not renewed"), "amber", token.last_error)
    if state is State.CONNECTED and token.renew_at is None:
        return badge(_("Connected, will end"), "amber", "It can't be renewed.")
    return badge(state.label, TONES[state])


def why_not(supplier: Supplier) -> str:
    """Why no login can be connected; empty if one can."""
    if reason := supplier.api.why_not(Capability.CUSTOMER_LOGIN):
        return reason
    try:
        redirect_uri()
    except OperationNotAllowed as refusal:
        return refusal.text
    return ""


def all_standings(customer: Customer) -> list[Standing]:
    """The customer at each supplier; those that offer a login first."""
    tokens = {
        token.supplier_id: token
        for token in CustomerLoginToken.objects.filter(customer=customer)
    }
    suppliers = Supplier.objects.defer("credentials").order_by("name")
    found = [
        Standing(customer, each, tokens.get(each.pk), why_not(each))
        for each in suppliers
    ]
    return sorted(found, key=lambda each: bool(each.reason))


def history(standing: Standing) -> list[dict[str, Any]]:
    """What happened, the latest first.

    Without the renewals that went well: at one an hour they would hide all else.
    """
    events = LoginEvent.objects.filter(
        customer=standing.customer, supplier=standing.supplier
    ).exclude(kind="renewed")
    return [
        {
            "event": event,
            "word": EVENTS.get(event.kind, event.kind),
            "shop_said": event.data.get("shop_said", ""),
        }
        for event in events.order_by("-pk")[:LATEST]
    ]


def shop_said(attempt: LoginAttempt) -> str:
    told = attempt.events.filter(kind="not_connected").first()
    return str(told.data.get("shop_said", "")) if told else ""


def what_to_do(attempt: LoginAttempt) -> str:
    if attempt.is_open and attempt.claimed_at:
        return (
            "The shop is being asked at this moment. Load this page again in a moment."
        )
    if attempt.is_open:
        return "Nobody has come back from the shop yet."
    return WHAT_TO_DO.get(Outcome(attempt.outcome), "")
