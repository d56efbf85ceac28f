"""The form of what everybody may choose."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.adminbase import SelectWidget, TextWidget
from procurement.preferences.choices import PAGE_SIZES

ZONES = "time-zones"
"""The id of the list a browser searches while one types."""


class ReadingForm(forms.Form):
    language = forms.ChoiceField(
        label=gettext_lazy("Language"), required=False, widget=SelectWidget
    )
    time_zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        required=False,
        max_length=60,
        widget=TextWidget(
            {"list": ZONES, "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    page_size = forms.TypedChoiceField(
        label=gettext_lazy("Rows on a page"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=SelectWidget,
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        language: Any = self.fields["language"]
        language.choices = [("", _("As the browser asks")), *_languages()]
        size: Any = self.fields["page_size"]
        size.choices = [("", _("As usual")), *((each, each) for each in PAGE_SIZES)]
        self.fields["time_zone"].help_text = _(
            "Type a city and choose. Left empty, times are those of the "
            "installation: %(zone)s. What is late goes by the installation in any "
            "case."
        ) % {"zone": settings.TIME_ZONE}


def _languages() -> list[tuple[str, str]]:
    """Each in its own words, so that one who can't read the present one finds it."""
    own = {"en": "English", "sv": "Svenska", "nb": "Norsk bokmål", "da": "Dansk"}
    return [(code, own.get(code, str(name))) for code, name in settings.LANGUAGES]
