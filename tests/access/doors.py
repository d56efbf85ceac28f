"""Finding every door, and what happens when somebody knocks."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver

from procurement.accounts.person_views import ACTS as ACCOUNT_ACTS
from procurement.customers.admin_steps import STEPS as CUSTOMER_STEPS
from procurement.orders.actions import all_actions
from procurement.shops.admin_steps import STEPS as SHOP_STEPS
from procurement.suppliers.admin import ACTIONS as SUPPLIER_ACTIONS
from procurement.webhooks.admin import ACTS as WEBHOOK_ACTS
from tests.access.world import Side

LOGIN = ">"
FORBIDDEN = "-"
ABSENT = "0"
NO_METHOD = "."
REFUSED = "x"
ANSWERED = "+"
CHANGED = "!"
CLOSED = (LOGIN, FORBIDDEN, ABSENT, NO_METHOD)

CHOICES = {
    "orders_purchaseorder_action": [action.name for action in all_actions()],
    "suppliers_supplier_action": [action.name for action in SUPPLIER_ACTIONS],
    "customers_customer_step": [step.name for step in CUSTOMER_STEPS],
    "shops_shop_step": [step.name for step in SHOP_STEPS],
    "webhooks_endpoint_act": list(WEBHOOK_ACTS),
    "accounts_person_act": list(ACCOUNT_ACTS),
    "catalogue_pricefile_decide": ["release", "discard"],
    "imports_orderimport_template": ["csv", "xlsx"],
    "imports_itemimport_template": ["csv", "xlsx"],
}
"""The pages behind an address that ends with a name."""
MODELS = {
    "id": "auth.user",
    "user_id": "auth.user",
    "use_id": "accounts.breakglassuse",
    "key_id": "access.apikey",
    "order_id": "orders.purchaseorder",
    "supplier_id": "suppliers.supplier",
    "customer_id": "customers.customer",
    "attempt_id": "logins.loginattempt",
    "import_id": "fulfilment.stepimport",
    "orderimport_id": "imports.orderimport",
    "itemimport_id": "imports.itemimport",
    "file_id": "catalogue.pricefile",
    "item_id": "suppliers.supplieritem",
    "offer_id": "catalogue.itemoffer",
    "alarm_id": "alarms.alarm",
    "endpoint_id": "webhooks.endpoint",
    "delivery_id": "webhooks.delivery",
    "talk": "suppliers.talk",
    "run_id": "runs.run",
    "notice_id": "notices.notice",
    "pk": "troubles.unknown",
}
"""What the parts of an address stand for; `object_id` goes by the door's own name."""
LEFT_OUT = {"view_on_site", "logout"}
"""No model has a page of its own; leaving changes the session alone."""


@dataclass(frozen=True)
class Door:
    """One address of the admin, as `name` or `name/choice`."""

    label: str
    name: str
    route: str
    choice: str = ""

    def address(self, side: Side) -> str:
        """Where it is for an object of a side."""
        address = self.route
        for part in self._parts():
            kind, _, name = part.partition(":")
            address = address.replace(f"<{part}>", str(self._value(name or kind, side)))
        return f"/{address}"

    def objects(self) -> set[str]:
        """The labels of the models whose objects the address names."""
        names = {part.partition(":")[2] or part for part in self._parts()}
        return {self._label(name) for name in names} - {""}

    def _parts(self) -> list[str]:
        return [piece.partition(">")[0] for piece in self.route.split("<")[1:]]

    def _value(self, name: str, side: Side) -> Any:
        if name in ("name", "decision", "ending"):
            return self.choice
        if name == "slug":
            return "extend-nord"
        return side[self._label(name)]

    def _label(self, name: str) -> str:
        if name in ("object_id", "party_id"):
            app, _, rest = self.route.removeprefix("admin/").partition("/")
            return f"{app}.{rest.partition('/')[0]}"
        if name in ("name", "decision", "ending", "slug"):
            return ""
        if self.name == "troubles:try_now":
            return "troubles.waiting"
        if name not in MODELS:
            raise AssertionError(
                f"{self.route}: say in `MODELS` of {__name__} what {name} stands for, "
                "and make two of it in `world`."
            )
        return MODELS[name]


def admin_doors() -> Iterator[Door]:
    """Every address of the admin; those Django makes of patterns stand as examples."""
    for route, name in _routes(get_resolver()):
        if not route.startswith("admin/") or name in LEFT_OUT or "(?P<url>" in route:
            continue
        if "(?P<app_label>" in route:
            route = "admin/orders/"
        label = name or route.removeprefix("admin/").replace("<path:object_id>/", "id")
        for choice in CHOICES.get(name, [""]):
            yield Door(f"{label}/{choice}" if choice else label, name, route, choice)


def _routes(
    resolver: Any, before: str = "", space: str = ""
) -> Iterator[tuple[str, str]]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLResolver):
            is_own = each.namespace not in (None, "admin")
            yield from _routes(each, route, f"{each.namespace}:" if is_own else space)
        elif isinstance(each, URLPattern):
            yield route, f"{space}{each.name}" if each.name else ""


# --- knocking ---------------------------------------------------------------------


@dataclass
class Writes:
    """Notes the tables that were written to, but for the session and its marks.

    That something was looked at or taken out is written down, and changes nothing.
    """

    tables: set[str] = field(default_factory=set)

    def __call__(self, execute: Any, sql: str, *args: Any) -> Any:
        verb = sql.lstrip()[:6].upper()
        marks = (
            *('"django_session"', '"accounts_loginsession"', '"audit_entry"'),
            *('SET "last_used_at"', 'SET "refused_at"'),
        )
        is_mark = any(mark in sql for mark in marks)
        if verb in ("INSERT", "UPDATE", "DELETE") and not is_mark:
            self.tables.add(sql.split('"', 2)[1])
        return execute(sql, *args)


@dataclass(frozen=True)
class Answer:
    letter: str
    body: str
    has_written: bool


def knock(client: Any, method: str, address: str, **kwargs: Any) -> Answer:
    """Call an address, say how it went, and take back whatever it did."""
    cookies = client.cookies.copy()
    writes = Writes()
    # A bare one: within a block of its own no supplier could be called.
    here = transaction.savepoint()
    with connection.execute_wrapper(writes):
        response = getattr(client, method)(address, **kwargs)
        body = _text(response)
    letter = _letter(response)
    if letter == ANSWERED and fingerprint.differs(writes.tables):
        letter = CHANGED
    transaction.savepoint_rollback(here)
    client.cookies = cookies
    return Answer(letter, body, bool(writes.tables))


def _letter(response: HttpResponse) -> str:
    if response.status_code in (301, 302) and "/admin/login/" in response.headers.get(
        "Location", ""
    ):
        return LOGIN
    match response.status_code:
        case 401 | 403:
            return FORBIDDEN
        case 404:
            return ABSENT
        case 405:
            return NO_METHOD
        case status if status >= 500 and status != 502:
            raise AssertionError(f"{response.request} answers {status}")  # type: ignore[attr-defined]
        case status if status >= 400:
            return REFUSED
    return ANSWERED


def _text(response: Any) -> str:
    content = b"".join(response) if response.streaming else response.content
    return f"{content.decode(errors='replace')} {response.headers.get('Location', '')}"


class Fingerprint:
    """Of every table there is, as it is in the world nobody has touched."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def keep(self) -> None:
        models = apps.get_models(include_auto_created=True)
        self._kept = {model._meta.db_table: self._of(model) for model in models}

    def differs(self, tables: set[str]) -> bool:
        """Whether any of the tables is not as it was; only those need to be read."""
        models = apps.get_models(include_auto_created=True)
        return any(
            self._of(model) != self._kept[model._meta.db_table]
            for model in models
            if model._meta.db_table in tables
        )

    def _of(self, model: Any) -> str:
        if model._meta.label == "sessions.Session":
            return ""
        columns = ()
        if model._meta.label == "access.ApiKey":
            columns = (
                *("pk", "scopes", "user", "shop", "revoked_at", "expires_at"),
                *("networks", "calls_per_minute", "replaced_by"),
            )
        rows = model._base_manager.order_by("pk").values_list(*columns)
        return hashlib.sha256(str(list(rows)).encode()).hexdigest()


fingerprint = Fingerprint()


# --- the committed tables ---------------------------------------------------------


def table_text(rows: dict[str, str], columns: list[str]) -> str:
    """One line for each door; a column for each person, GET and POST side by side."""
    width = max(len(label) for label in rows) + 2
    head = " " * width + " ".join(columns)
    lines = [
        label.ljust(width) + letters.rstrip() for label, letters in sorted(rows.items())
    ]
    return "\n".join([head.rstrip(), *lines, ""])


def differences(found: str, committed: str) -> str:
    """What to look at, and how to agree to it; empty where they are the same."""
    is_, was = set(found.splitlines()), set(committed.splitlines())
    gone = [f"- {line}" for line in sorted(was - is_)]
    new = [f"+ {line}" for line in sorted(is_ - was)]
    return "\n".join([*gone, *new])
