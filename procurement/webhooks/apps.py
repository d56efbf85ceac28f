from django.apps import AppConfig

from procurement.texts import gettext_lazy


class WebhooksConfig(AppConfig):
    name = "procurement.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        from procurement import trail
        from procurement.runs.kinds import register
        from procurement.webhooks import menu
        from procurement.webhooks.redelivering import KIND

        register(KIND)
        menu.register()
        trail.register(
            "keys",
            gettext_lazy("Keys of other systems"),
            {
                "webhook.made": gettext_lazy("Webhook endpoint made"),
                "webhook.changed": gettext_lazy("Webhook endpoint led elsewhere"),
                "webhook.rotated": gettext_lazy("Webhook secret made anew"),
                "webhook.deleted": gettext_lazy("Webhook endpoint deleted"),
            },
        )
