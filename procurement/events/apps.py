from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "procurement.events"
    label = "events"
