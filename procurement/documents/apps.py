from django.apps import AppConfig

from procurement.texts import gettext_lazy


class DocumentsConfig(AppConfig):
    name = "procurement.documents"
    label = "documents"

    def ready(self) -> None:
        from procurement import trail
        from procurement.documents import menu
        from procurement.documents.exports.operations import KINDS
        from procurement.runs.kinds import register

        menu.register()
        trail.register(
            "exports",
            gettext_lazy("Exports"),
            {
                "calendar.made": gettext_lazy("Address of a calendar made"),
                "calendar.revoked": gettext_lazy("Address of a calendar revoked"),
                "export.printed": gettext_lazy("Several orders printed"),
            },
        )
        for kind in KINDS:
            register(kind)
