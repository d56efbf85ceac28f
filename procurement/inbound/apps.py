from django.apps import AppConfig


class InboundConfig(AppConfig):
    name = "procurement.inbound"
    label = "inbound"
