from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "procurement.customers"
    label = "customers"

    def ready(self) -> None:
        from procurement.customers.sending import CreateCustomer
        from procurement.transmissions.handlers import register

        register(CreateCustomer())
