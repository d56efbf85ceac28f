"""How a supplier is doing, in words for the people who buy from it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from procurement.adminshow import age, badge
from procurement.suppliers.models import Breaker, Supplier
from procurement.suppliers.standing import Standing
from vendors.contracts import Capability
from vendors.errors import Kind

CAUSES = {
    Kind.DATA: "The supplier said no to what was sent",
    Kind.NOT_FOUND: "The supplier does not know it",
    Kind.NOT_ALLOWED: "The supplier does not allow it any more",
    Kind.GUARD: "Stopped by our own check before anything was sent",
    Kind.CONNECTION: "No connection",
    Kind.CREDENTIALS: "User name or password refused",
    Kind.THROTTLED: "Too many calls; the supplier asks us to wait",
    Kind.CONFIGURATION: "A setting of the supplier is missing or wrong",
    Kind.TIMEOUT: "No answer in time",
    Kind.CUT: "The connection broke",
    Kind.SERVER: "Trouble at the supplier's end",
    Kind.UNREADABLE: "An answer that can't be understood",
    Kind.BUG: "An error of this program",
}

CAN = {
    Capability.CHECK_CONNECTION: "Check the connection",
    Capability.FETCH_OFFERS: "Price and availability",
    Capability.LIST_CHANGED_PRODUCTS: "Products changed since",
    Capability.READ_PRODUCT: "Describe a product",
    Capability.LIST_CHANGED_STOCK: "Stock changed since",
    Capability.READ_PRICE_FILE: "Price files",
    Capability.CUSTOMERS: "Customers",
    Capability.CREATE_SHOP: "Create a shop",
    Capability.UPDATE_SHOP: "Update a shop",
    Capability.PLACE_ORDER: "Take an order",
    Capability.FIND_ORDERS: "Find an order by our number",
    Capability.LIST_CHANGED_ORDERS: "Orders changed since",
    Capability.READ_ORDER: "State of an order",
    Capability.CANCEL_ORDER: "Cancel an order",
    Capability.WEBHOOKS: "Send us news",
    Capability.CUSTOMER_LOGIN: "Customer login",
}


def cause(kind: str) -> str:
    """A kind of failure in plain words; an unknown one as it is."""
    known = {str(each): text for each, text in CAUSES.items()}
    return known.get(kind, kind.replace("_", " "))


@dataclass(frozen=True)
class Health:
    """A light, a word, and when it last went well and badly."""

    tone: str
    word: str
    mode: SafeString
    last_success: SafeString | str
    failure: SafeString | str

    @classmethod
    def of(cls, supplier: Supplier) -> "Health":
        health = supplier.health
        tone, word = _light(supplier)
        never = "never"
        failure: SafeString | str = never
        if health.last_failure_at:
            failure = format_html(
                "{} ago: {}", age(health.last_failure_at), health.last_failure_text
            )
        success = (
            format_html("{} ago", age(health.last_success_at))
            if health.last_success_at
            else never
        )
        return cls(tone, word, supplier_mode(supplier), success, failure)


def _light(supplier: Supplier) -> tuple[str, str]:
    health, now = supplier.health, timezone.now()
    if supplier.is_paused:
        return "amber", "Paused"
    if health.blocked_until and health.blocked_until > now:
        return "red", "Held: the account is in trouble"
    if health.breaker == Breaker.OPEN:
        times = health.breaker_failures
        again = f"tried again at {clock(health.breaker_until)}"
        return "red", f"Paused by itself after {times} failures in a row; {again}"
    if health.throttled_until and health.throttled_until > now:
        return "amber", f"Not called before {clock(health.throttled_until)}, as it asks"
    if health.breaker == Breaker.HALF_OPEN:
        return "amber", "Tried with one order at a time, after failures"
    if health.failures_in_a_row:
        times = health.failures_in_a_row
        return (
            "amber",
            f"Failing, {times} in a row" if times > 1 else "Failed last time",
        )
    if health.last_success_at is None:
        return "grey", "Not called yet"
    return "green", "Works"


def clock(moment: datetime | None) -> str:
    """A time of today in the reader's zone; seconds, since waits are short."""
    return f"{timezone.localtime(moment):%H:%M:%S %Z}" if moment else "–"


def paused_by(supplier: Supplier) -> str:
    """Who paused it, when and why; empty if nobody did."""
    if not supplier.is_paused or supplier.paused_at is None:
        return ""
    day = timezone.localtime(supplier.paused_at)
    why = f": {supplier.pause_reason}" if supplier.pause_reason else ""
    return f"by {supplier.paused_by or 'system'} at {day:%Y-%m-%d %H:%M %Z}{why}"


def budget_text(standing: Standing) -> str:
    """The budget of one group of calls in a sentence."""
    name = f"{standing.group}: " if standing.group else ""
    if standing.calls_per_minute is None:
        text = f"{name}no limit ({standing.source})"
    else:
        text = (
            f"{name}{standing.calls_per_minute} calls a minute ({standing.source}), "
            f"{standing.left} of them free at this moment"
        )
    if standing.closed_until:
        text += f". Closed until {clock(standing.closed_until)}: {standing.closed_why}"
    return text


def supplier_mode(supplier: Supplier) -> SafeString:
    if supplier.is_live:
        return badge("Live", "green", "Orders are real purchases")
    return badge("Test", "amber", "Orders are tests, and marked so")


def capabilities(supplier: Supplier) -> list[tuple[str, str]]:
    """What the vendor may be able to do, each with the reason where it can't."""
    return [(label, supplier.api.why_not(name)) for name, label in CAN.items()]
