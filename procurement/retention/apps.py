from django.apps import AppConfig


class RetentionConfig(AppConfig):
    name = "procurement.retention"
    label = "retention"
