from django.apps import AppConfig


class ReachConfig(AppConfig):
    name = "procurement.reach"
    label = "reach"
