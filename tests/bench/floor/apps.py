"""The product's models without what the product does as it starts."""

from django.apps import AppConfig


class Bare(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"


def bare(name: str) -> type[AppConfig]:
    members = {"name": f"procurement.{name}", "label": name, "__module__": __name__}
    return type(name.title(), (Bare,), members)


Coordination = bare("coordination")
Suppliers = bare("suppliers")
Transmissions = bare("transmissions")
Customers = bare("customers")
Shops = bare("shops")
Orders = bare("orders")
Approvals = bare("approvals")
