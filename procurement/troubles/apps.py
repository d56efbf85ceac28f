from django.apps import AppConfig


class TroublesConfig(AppConfig):
    name = "procurement.troubles"
    label = "troubles"

    def ready(self) -> None:
        from procurement.orders.actions import register
        from procurement.troubles import menu
        from procurement.troubles.order_actions import ACTIONS

        register(*ACTIONS)
        menu.register()
