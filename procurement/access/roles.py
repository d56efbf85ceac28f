"""The roles, and what each may do. A migration makes the groups once; afterwards an
administrator may change them.
"""

VIEW_ALL = tuple(
    f"{label}.view_{model}"
    for label, models in {
        "suppliers": ("supplier", "supplieritem", "supplierevent", "exchange"),
        "transmissions": ("transmission", "attempt"),
        "customers": ("customer", "customerlink"),
        "shops": ("shop",),
        "orders": ("purchaseorder", "orderline", "orderevent"),
        "approvals": ("approvaldecision",),
        "fulfilment": ("shipment", "goodsreceipt", "pollstate"),
        "inbound": ("webhookdelivery",),
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
            "receive",
        ),
        "customers.add_customer",
        "customers.change_customer",
    ),
    "Approver": (*VIEW_ALL, *_orders("approve", "refresh")),
    "Operator": (
        *VIEW_ALL,
        *_orders("send", "cancel", "refresh", "resolve", "confirm", "receive"),
        "suppliers.check_supplier",
        "suppliers.pause_supplier",
    ),
    "Administrator": (
        *VIEW_ALL,
        *_all("suppliers", "supplier", "supplieritem"),
        "suppliers.check_supplier",
        "suppliers.pause_supplier",
        *_all("customers", "customer", "customerlink"),
        *_all("shops", "shop"),
        *_all("access", "apikey"),
        *_all("auth", "user", "group"),
    ),
    "Auditor": (*VIEW_ALL, "access.view_apikey", "auth.view_user", "auth.view_group"),
}
