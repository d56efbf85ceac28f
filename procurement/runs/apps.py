from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "procurement.runs"
    label = "runs"
    verbose_name = "Work"

    def ready(self) -> None:
        from procurement.runs import menu

        menu.register()
