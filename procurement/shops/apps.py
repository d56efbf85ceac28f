from django.apps import AppConfig


class ShopsConfig(AppConfig):
    name = "procurement.shops"
    label = "shops"

    def ready(self) -> None:
        from procurement.shops.sending import CreateShop, UpdateShop
        from procurement.transmissions.handlers import register

        register(CreateShop())
        register(UpdateShop())
