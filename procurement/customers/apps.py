from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "procurement.customers"
    label = "customers"
