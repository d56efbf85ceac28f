from django.apps import AppConfig


class SuppliersConfig(AppConfig):
    name = "procurement.suppliers"
    label = "suppliers"

    def ready(self) -> None:
        from procurement.suppliers import checks  # noqa: F401 - registers them
