from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "procurement.notices"
    label = "notices"

    def ready(self) -> None:
        from procurement.notices import menu, triggers
        from procurement.notices.forms import WishesForm, save_wishes
        from procurement.preferences.sections import Section, register_section

        menu.register()
        triggers.register()
        register_section(
            Section(
                "notices",
                _("Notices"),
                WishesForm,
                save_wishes,
                position=20,
                template="admin/notices/wishes.html",
            )
        )
