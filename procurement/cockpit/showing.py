"""The facts of a supplier in words, as people read them on its page and the cockpit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from procurement.adminshow import age, list_url
from procurement.alarms.findings import Group
from procurement.alarms.models import MOST_COUNTED
from procurement.cockpit.facts import Facts, Login
from procurement.fulfilment.models import PollState
from procurement.fulfilment.polling import pollable_vendors
from procurement.inbound.models import HookState
from procurement.suppliers.admin_health import Health, budget_text, cause, clock
from procurement.suppliers.charts import Chart
from procurement.suppliers.models import Breaker, Supplier
from vendors.contracts import Capability

Said = SafeString | str

SLOW_AFTER = timedelta(minutes=5)
"""What has waited for longer is marked."""
GRAVE = ("red", "amber", "grey", "green")
"""Tones, the worst first."""


@dataclass(frozen=True)
class Fact:
    """A name and what is to be said; `tone` marks what somebody should look at."""

    name: str
    text: Said
    tone: str = ""


@dataclass(frozen=True)
class Panel:
    """One supplier as the cockpit shows it."""

    supplier: Supplier
    health: Health
    chart: Chart
    facts: list[Fact]

    @property
    def tone(self) -> str:
        """That of the light, unless something else is graver."""
        is_grave = any(fact.tone == GRAVE[0] for fact in self.facts)
        return GRAVE[0] if is_grave else self.health.tone

    @property
    def rank(self) -> tuple[int, str]:
        """The order in which panels stand: trouble first, then by name."""
        return GRAVE.index(self.tone), self.supplier.name.lower()

    @classmethod
    def of(cls, facts: Facts) -> "Panel":
        supplier = facts.supplier
        return cls(
            supplier=supplier,
            health=Health.of(supplier),
            chart=Chart.of(facts.hours),
            facts=[
                *_calls(supplier),
                *_work(facts),
                Fact(_("Login"), _login(facts.login)),
                *_news(facts),
                Fact(_("Call budget"), _budgets(facts)),
            ],
        )


# --- calls ------------------------------------------------------------------------


def _calls(supplier: Supplier) -> list[Fact]:
    health = Health.of(supplier)
    kind = supplier.health.last_failure_kind
    failure: Said = health.failure
    if supplier.health.last_failure_at:
        failure = format_html("{} ({})", health.failure, cause(kind))
    return [
        Fact(_("Last good call"), health.last_success),
        Fact(_("Last failure"), failure),
        Fact(_("Breaker"), *_breaker(supplier)),
    ]


def _breaker(supplier: Supplier) -> tuple[str, str]:
    state = supplier.health
    if state.breaker == Breaker.OPEN:
        until = {"time": clock(state.breaker_until)}
        return _("Open: no calls until %(time)s") % until, "red"
    if state.breaker == Breaker.HALF_OPEN:
        return _("Half open: one call at a time"), "amber"
    return _("Closed: calls go out"), ""


def _budgets(facts: Facts) -> SafeString:
    lines = [format_html("<div>{}</div>", budget_text(each)) for each in facts.budgets]
    return format_html("{}" * len(lines), *lines)


def _login(login: Login | None) -> Said:
    if login is None:
        return _("no token is kept")
    obtained = age(login.obtained_at)
    if login.expires_at <= timezone.now():
        return format_html(_("{} old, ended {} ago"), obtained, age(login.expires_at))
    return format_html(_("{} old, ends in {}"), obtained, until(login.expires_at))


# --- work -------------------------------------------------------------------------


def _work(facts: Facts) -> list[Fact]:
    waiting, unknown = facts.waiting, facts.unknown
    is_slow = waiting and timezone.now() - waiting.moment > SLOW_AFTER
    return [
        Fact(_("Waits to be sent"), _waiting(facts), "amber" if is_slow else ""),
        Fact(
            _("Outcome unknown"),
            _linked(facts.supplier, "unknown", unknown) if unknown else _("none"),
            "red" if unknown else "",
        ),
    ]


def _waiting(facts: Facts) -> Said:
    waiting = facts.waiting
    if waiting is None:
        return _("nothing")
    count = _linked(facts.supplier, "queued", waiting)
    since = age(waiting.moment)
    if facts.oldest_order is None:
        return format_html(_("{}, the oldest for {}"), count, since)
    number, pk = facts.oldest_order
    page = reverse("admin:orders_purchaseorder_change", args=[pk])
    order = format_html('<a href="{}">{}</a>', page, number)
    return format_html(_("{}, the oldest for {}: {}"), count, since, order)


def _linked(supplier: Supplier, state: str, group: Group) -> SafeString:
    """How many, leading to the list of exactly these."""
    address = list_url("transmissions_transmission", state=state, supplier=supplier.pk)
    text = f"{MOST_COUNTED}+" if group.count > MOST_COUNTED else str(group.count)
    return format_html('<a href="{}">{}</a>', address, text)


# --- news -------------------------------------------------------------------------


def _news(facts: Facts) -> list[Fact]:
    supplier = facts.supplier
    found = []
    if supplier.vendor in pollable_vendors():
        found.append(Fact(_("Last poll"), *_poll(facts.poll)))
    if supplier.api.offers(Capability.WEBHOOKS):
        found.append(Fact(_("Webhooks"), *_hook(facts.hook)))
    return found


def _poll(poll: PollState | None) -> tuple[Said, str]:
    if poll is None:
        return _("not polled yet"), ""
    last: Said = _("never read to its end")
    if poll.last_success_at:
        last = format_html(_("read to its end {} ago"), age(poll.last_success_at))
    if poll.next_poll_at > timezone.now():
        due, tone = format_html(_("next in {}"), until(poll.next_poll_at)), ""
    else:
        due, tone = format_html(_("due for {}"), age(poll.next_poll_at)), "amber"
    text = format_html("{}; {}", last, due)
    if poll.last_error:
        return format_html("{}. {}", text, poll.last_error), "amber"
    return text, tone


def _hook(hook: HookState | None) -> tuple[Said, str]:
    if hook is None or hook.last_received_at is None:
        last: Said = _("none came so far")
    else:
        last = format_html(_("last one {} ago"), age(hook.last_received_at))
    if hook is None or not hook.refused_count:
        return last, ""
    refused = _("%(count)d refused for the signature") % {"count": hook.refused_count}
    when = age(hook.last_refused_at)
    return format_html(_("{}; {}, the last {} ago"), last, refused, when), "amber"


def until(moment: datetime) -> SafeString:
    """How long until then, in one unit; the moment itself, with its zone, on hover."""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(),
        f"{local:%Y-%m-%d %H:%M:%S %Z}",
        timesince(timezone.now(), moment, depth=1),
    )
