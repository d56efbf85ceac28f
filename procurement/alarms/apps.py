from django.apps import AppConfig


class AlarmsConfig(AppConfig):
    name = "procurement.alarms"
    label = "alarms"
