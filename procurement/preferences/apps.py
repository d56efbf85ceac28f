from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PreferencesConfig(AppConfig):
    name = "procurement.preferences"
    label = "preferences"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from procurement.preferences.middleware import remember_at_login
        from procurement.preferences.sections import Section, register_section
        from procurement.preferences.views import reading_form, save_reading

        user_logged_in.connect(remember_at_login)
        register_section(
            Section("reading", _("How I read"), reading_form, save_reading, position=10)
        )
