from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    name = "procurement.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from procurement.runs.kinds import register
        from procurement.webhooks import menu
        from procurement.webhooks.redelivering import KIND

        register(KIND)
        menu.register()
