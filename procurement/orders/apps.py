from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "procurement.orders"
    label = "orders"

    def ready(self) -> None:
        from procurement.orders import actions, admin_home, bulk, signals
        from procurement.orders.sending import CancelOrder, PlaceOrder
        from procurement.runs import kinds
        from procurement.transmissions.handlers import register

        register(PlaceOrder())
        register(CancelOrder())
        signals.connect()
        actions.register(*actions.OWN_ACTIONS)
        for kind in bulk.KINDS:
            kinds.register(kind)
        admin_home.register_tiles()
