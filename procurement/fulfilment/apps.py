from django.apps import AppConfig


class FulfilmentConfig(AppConfig):
    name = "procurement.fulfilment"
    label = "fulfilment"

    def ready(self) -> None:
        from procurement.fulfilment import listening  # noqa: F401 - it connects
        from procurement.fulfilment.actions import ACTIONS
        from procurement.fulfilment.errands import POLLS
        from procurement.orders.actions import register
        from procurement.transmissions import errands

        register(*ACTIONS)
        errands.register("polls", POLLS)
