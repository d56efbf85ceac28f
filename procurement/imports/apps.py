from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "procurement.imports"
    label = "imports"

    def ready(self) -> None:
        from procurement.imports.working import kinds_of_run
        from procurement.runs.kinds import register

        for kind in kinds_of_run():
            register(kind)
