from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "procurement.documents"
    label = "documents"

    def ready(self) -> None:
        from procurement.documents import menu
        from procurement.documents.exports.operations import KINDS
        from procurement.runs.kinds import register

        menu.register()
        for kind in KINDS:
            register(kind)
