from django.apps import AppConfig


class TransmissionsConfig(AppConfig):
    name = "procurement.transmissions"
    label = "transmissions"
