from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "procurement.runs"
    label = "runs"
    verbose_name = "Work"
