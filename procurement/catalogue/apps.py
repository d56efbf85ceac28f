from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "procurement.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        from procurement.catalogue import hearing
        from procurement.catalogue.actions import ACTIONS
        from procurement.catalogue.recording import keep_answers
        from procurement.inbound import reading
        from procurement.orders.actions import register
        from procurement.suppliers import offers
        from vendors.contracts import Topic

        register(*ACTIONS)
        offers.register(keep_answers)
        reading.register(Topic.PRODUCT, hearing.hear_of_product)
        reading.register(Topic.STOCK, hearing.hear_of_stock)
