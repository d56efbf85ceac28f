from django.apps import AppConfig


class CockpitConfig(AppConfig):
    name = "procurement.cockpit"
    label = "cockpit"

    def ready(self) -> None:
        from procurement.cockpit import screens

        screens.register()
