from django.apps import AppConfig


class InboundConfig(AppConfig):
    name = "procurement.inbound"
    label = "inbound"

    def ready(self) -> None:
        from procurement.inbound.reading import READS
        from procurement.transmissions import errands

        errands.register("reads", READS)
