from django.apps import AppConfig


class FulfilmentConfig(AppConfig):
    name = "procurement.fulfilment"
    label = "fulfilment"

    def ready(self) -> None:
        from procurement.fulfilment import listening  # noqa: F401 - it connects
        from procurement.fulfilment.actions import ACTIONS
        from procurement.orders.actions import register

        register(*ACTIONS)
