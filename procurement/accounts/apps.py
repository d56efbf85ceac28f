from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "procurement.accounts"
    label = "accounts"

    def ready(self) -> None:
        from procurement.accounts import listening, menu, trailing

        listening.connect()
        trailing.connect()
        trailing.register_secrets()
        menu.register()
