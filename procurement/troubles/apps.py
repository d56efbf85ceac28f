from django.apps import AppConfig


class TroublesConfig(AppConfig):
    name = "procurement.troubles"
    label = "troubles"
