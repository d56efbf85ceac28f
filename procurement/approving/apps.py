from django.apps import AppConfig


class ApprovingConfig(AppConfig):
    name = "procurement.approving"
    label = "approving"

    def ready(self) -> None:
        from procurement.approving import menu

        menu.register()
