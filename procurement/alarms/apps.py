from django.apps import AppConfig


class AlarmsConfig(AppConfig):
    name = "procurement.alarms"
    label = "alarms"

    def ready(self) -> None:
        from procurement.alarms import menu

        menu.register()
