from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "procurement.figures"
    label = "figures"

    def ready(self) -> None:
        from procurement.coordination.posts import worker_replaced
        from procurement.figures import operations

        worker_replaced.connect(operations.note_replacement)
