from django.apps import AppConfig


class FulfilmentConfig(AppConfig):
    name = "procurement.fulfilment"
    label = "fulfilment"

    def ready(self) -> None:
        from procurement.fulfilment import actions

        actions.register_all()
