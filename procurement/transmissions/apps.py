from django.apps import AppConfig


class TransmissionsConfig(AppConfig):
    name = "procurement.transmissions"
    label = "transmissions"

    def ready(self) -> None:
        from procurement.transmissions import errands, sweeping

        errands.register("look-ups", sweeping.LOOK_UPS)
        errands.register("probes", sweeping.PROBES)
