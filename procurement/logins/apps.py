from django.apps import AppConfig


class LoginsConfig(AppConfig):
    name = "procurement.logins"
    label = "logins"
    verbose_name = "Shop logins"
