from django.apps import AppConfig


class ShopsConfig(AppConfig):
    name = "procurement.shops"
    label = "shops"
