from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "procurement.documents"
    label = "documents"

    def ready(self) -> None:
        from procurement.documents import menu

        menu.register()
