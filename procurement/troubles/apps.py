from django.apps import AppConfig


class TroublesConfig(AppConfig):
    name = "procurement.troubles"
    label = "troubles"

    def ready(self) -> None:
        from procurement.troubles import menu

        menu.register()
