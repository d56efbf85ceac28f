from django.apps import AppConfig

from procurement.texts import gettext_lazy


class AccessConfig(AppConfig):
    name = "procurement.access"
    label = "access"

    def ready(self) -> None:
        from procurement import trail
        from procurement.access import menu
        from procurement.access.models import ApiKey

        menu.register()
        trail.register(
            "keys",
            gettext_lazy("Keys of other systems"),
            {
                "key.made": gettext_lazy("API key made"),
                "key.replaced": gettext_lazy("API key replaced"),
                "key.changed": gettext_lazy("API key changed"),
                "key.revoked": gettext_lazy("API key revoked"),
                "key.deleted": gettext_lazy("API key deleted"),
            },
        )
        trail.record_deletions(ApiKey, "key.deleted")
