from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "procurement.access"
    label = "access"

    def ready(self) -> None:
        from procurement.access import menu

        menu.register()
