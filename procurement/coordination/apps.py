from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "procurement.coordination"
    label = "coordination"

    def ready(self) -> None:
        from procurement import secretchecks  # noqa: F401 - registers them
