from django.apps import AppConfig

from procurement.texts import gettext_lazy


class SuppliersConfig(AppConfig):
    name = "procurement.suppliers"
    label = "suppliers"

    def ready(self) -> None:
        from procurement import trail
        from procurement.suppliers.models import Supplier

        trail.register(
            "suppliers",
            gettext_lazy("Suppliers"),
            {
                "supplier.credentials": gettext_lazy("Credentials entered"),
                "supplier.mode": gettext_lazy("Test or live switched"),
                "supplier.deleted": gettext_lazy("Supplier deleted"),
            },
        )
        trail.record_deletions(Supplier, "supplier.deleted")
