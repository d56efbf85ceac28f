from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "procurement.audit"
    label = "audit"

    def ready(self) -> None:
        from procurement.audit import listening

        listening.connect()
