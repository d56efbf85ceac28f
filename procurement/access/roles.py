"""The roles, and what each may do. A migration makes the groups once; afterwards an
administrator may change them.
"""

VIEW_ALL = tuple(
    f"{label}.view_{model}"
    for label, models in {
        "suppliers": ("supplier", "supplieritem", "supplierevent", "exchange"),
        "transmissions": ("transmission", "attempt"),
        "customers": ("customer", "customerlink"),
        "shops": ("shop", "shopregistration"),
        "logins": ("customerlogintoken",),
        "orders": ("purchaseorder", "orderline", "orderevent"),
        "approvals": (
            "approvaldecision",
            "approvalrule",
            "approvallevel",
            "approvalstep",
            "autoapproval",
            "standin",
        ),
        "fulfilment": (
            "shipment",
            "goodsreceipt",
            "supplierinvoice",
            "stepimport",
            "pollstate",
        ),
        "imports": ("orderimport", "itemimport"),
        "inbound": ("webhookdelivery",),
        "catalogue": ("itemoffer", "pricefile"),
        "alarms": ("alarm", "alarmrule"),
        "notices": ("notice",),
        "runs": ("run",),
    }.items()
    for model in models
)


def _all(label: str, *models: str) -> tuple[str, ...]:
    return tuple(
        f"{label}.{verb}_{model}"
        for model in models
        for verb in ("add", "change", "delete", "view")
    )


def _orders(*verbs: str) -> tuple[str, ...]:
    return tuple(f"orders.{verb}_purchaseorder" for verb in verbs)


_KEEP_PARTIES = (
    "customers.link_customer",
    "customers.register_customer",
    "shops.register_shop",
    "shops.push_shop",
    "logins.connect_customer",
)
_SETTLE_PARTIES = (
    "customers.link_customer",
    "customers.resolve_customer",
    "shops.resolve_shop",
)
"""Shops and customers at suppliers: to make them, and to settle what is unknown."""

_ASK_FOR_PRICES = ("catalogue.fetch_itemoffer",)
_BRING_PRICES = (*_ASK_FOR_PRICES, "catalogue.add_pricefile")
_RELEASE_PRICES = (
    *_BRING_PRICES,
    "catalogue.release_pricefile",
    "catalogue.release_itemoffer",
)
"""Prices: to ask for them, to bring a file of them, to let held back ones count."""

_LOOK_AFTER_ALARMS = ("alarms.acknowledge_alarm",)
_SET_ALARM_CLOCKS = (*_LOOK_AFTER_ALARMS, *_all("alarms", "alarmrule"))
_VIEW_ALL_RUNS = ("runs.view_all_runs",)
_LOOK_AFTER_RUNS = (*_VIEW_ALL_RUNS, "runs.stop_all_runs")
_HANDLE_TROUBLES = ("troubles.handle_trouble",)
"""What did not go through: to look it up, try it at once and hand it over."""

_IMPORT_ITEMS = ("imports.add_itemimport",)
_IMPORT_ORDERS = ("imports.add_orderimport",)
_VIEW_EXPORTS = ("documents.view_exportfetch",)
_VIEW_TRAIL = ("audit.view_entry",)
_VIEW_WORKERS = (
    "coordination.view_heartbeat",
    "coordination.view_jobrun",
    "coordination.view_lease",
)

_VIEW_ERASURES = ("persons.view_erasure",)
_LOOK_AFTER_PERSONS = (
    *_VIEW_ERASURES,
    "persons.erase_person",
    "persons.export_person",
)
"""What is kept about a person: to hand it out, and to erase it."""

_SHARE_VIEWS = ("lists.share_savedview",)
_NAME_STAND_INS = _all("approvals", "standin")
_SET_APPROVAL_RULES = (
    *_all("approvals", "approvalrule", "approvallevel", "autoapproval"),
    *_NAME_STAND_INS,
    "approvals.keep_standin",
)

_VIEW_LOGINS = ("accounts.view_accountevent", "accounts.view_breakglassuse")
_LOOK_AFTER_LOGINS = (*_VIEW_LOGINS, "accounts.help_people")
"""How other people log in: to see it, and to help those who can't."""

_HAVE_WEBHOOKS = (
    "webhooks.view_delivery",
    *(f"webhooks.{verb}_endpoint" for verb in ("add", "change", "view")),
)
_LOOK_AFTER_WEBHOOKS = (*_HAVE_WEBHOOKS, "webhooks.view_all_endpoints")
_VIEW_ALL_WEBHOOKS = (
    "webhooks.view_delivery",
    "webhooks.view_endpoint",
    "webhooks.view_all_endpoints",
)
"""Other systems that are told what happened: one's own, or everybody's."""

ROLES: dict[str, tuple[str, ...]] = {
    "Buyer": (
        *VIEW_ALL,
        *_orders(
            "add",
            "change",
            "submit",
            "send",
            "cancel",
            "refresh",
            "confirm",
            "ship",
            "receive",
            "invoice",
            "comment",
            "assign",
        ),
        "fulfilment.add_stepimport",
        *_IMPORT_ORDERS,
        *_IMPORT_ITEMS,
        *_SHARE_VIEWS,
        *_LOOK_AFTER_ALARMS,
        *_HAVE_WEBHOOKS,
        *_BRING_PRICES,
        "customers.add_customer",
        "customers.change_customer",
        *_KEEP_PARTIES,
        "shops.add_shop",
        "shops.change_shop",
    ),
    "Approver": (
        *VIEW_ALL,
        *_orders("approve", "refresh", "comment"),
        *_SHARE_VIEWS,
        *_NAME_STAND_INS,
        *_ASK_FOR_PRICES,
    ),
    "Operator": (
        *VIEW_ALL,
        *_orders("send", "cancel", "refresh", "resolve"),
        *_orders("confirm", "ship", "receive", "invoice", "comment", "assign"),
        "fulfilment.add_stepimport",
        *_SHARE_VIEWS,
        *_SET_ALARM_CLOCKS,
        *_HANDLE_TROUBLES,
        *_VIEW_WORKERS,
        *_LOOK_AFTER_RUNS,
        *_LOOK_AFTER_WEBHOOKS,
        *_RELEASE_PRICES,
        "suppliers.check_supplier",
        "suppliers.pause_supplier",
        *_SETTLE_PARTIES,
    ),
    "Administrator": (
        *VIEW_ALL,
        *_SHARE_VIEWS,
        *_VIEW_EXPORTS,
        *_VIEW_TRAIL,
        *_all("suppliers", "supplier", "supplieritem"),
        *_IMPORT_ITEMS,
        *_SET_APPROVAL_RULES,
        *_SET_ALARM_CLOCKS,
        *_HANDLE_TROUBLES,
        *_VIEW_WORKERS,
        *_LOOK_AFTER_RUNS,
        *_LOOK_AFTER_WEBHOOKS,
        *_RELEASE_PRICES,
        "suppliers.check_supplier",
        "suppliers.pause_supplier",
        *_all("customers", "customer", "customerlink"),
        *_all("shops", "shop"),
        *_KEEP_PARTIES,
        *_SETTLE_PARTIES,
        *_all("access", "apikey"),
        *_all("auth", "user", "group"),
        *_all("reach", "reach"),
        *_LOOK_AFTER_LOGINS,
        *_LOOK_AFTER_PERSONS,
    ),
    "Auditor": (
        *VIEW_ALL,
        *_VIEW_EXPORTS,
        *_VIEW_TRAIL,
        *_VIEW_WORKERS,
        *_VIEW_ALL_RUNS,
        *_VIEW_ALL_WEBHOOKS,
        *_VIEW_ERASURES,
        "access.view_apikey",
        "auth.view_user",
        "auth.view_group",
        "reach.view_reach",
        *_VIEW_LOGINS,
    ),
}
