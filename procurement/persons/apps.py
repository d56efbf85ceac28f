from django.apps import AppConfig


class PersonsConfig(AppConfig):
    name = "procurement.persons"
    label = "persons"
