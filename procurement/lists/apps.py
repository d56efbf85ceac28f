from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "procurement.lists"
    label = "lists"
