"""What people type about webhook endpoints."""

from datetime import datetime
from typing import Any

from django import forms

from procurement.adminbase import (
    CheckboxWidget,
    LongTextWidget,
    NumberWidget,
    SelectWidget,
    TextWidget,
)
from procurement.scoping import scoped
from procurement.shops.models import Shop
from procurement.texts import gettext_lazy
from procurement.webhooks.models import MAX_URL_LENGTH, Endpoint


class MomentWidget(TextWidget):
    """The browser's own calendar and clock."""

    input_type = "datetime-local"

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M")
        return value or None


class EndpointForm(forms.Form):
    url = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=MAX_URL_LENGTH,
        widget=TextWidget,
        help_text=gettext_lazy("https:// on a public address, or a network allowed."),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=200,
        required=False,
        widget=TextWidget,
    )
    types = forms.CharField(
        label=gettext_lazy("Types of events"),
        required=False,
        widget=LongTextWidget(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Such as order.approved or order.*, apart by spaces. Empty: all."
        ),
    )
    shop = forms.ModelChoiceField(
        label=gettext_lazy("Shop"),
        queryset=Shop.objects.order_by("name"),
        required=False,
        empty_label=gettext_lazy("All shops"),
        widget=SelectWidget,
        help_text=gettext_lazy("The one shop it is told of."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shops: Any = self.fields["shop"]
        shops.queryset = scoped(shops.queryset, user)

    def clean_types(self) -> list[str]:
        return str(self.cleaned_data["types"]).replace(",", " ").split()

    @staticmethod
    def values_of(endpoint: Endpoint) -> dict[str, Any]:
        return {
            "url": endpoint.url,
            "description": endpoint.description,
            "types": " ".join(endpoint.types),
            "shop": endpoint.shop_id,
        }


class RotationForm(forms.Form):
    overlap_hours = forms.IntegerField(
        label=gettext_lazy("Hours for which the old secret signs as well"),
        min_value=0,
        max_value=168,
        initial=24,
        widget=NumberWidget,
    )


class AgainForm(forms.Form):
    since = forms.DateTimeField(
        label=gettext_lazy("Put in from"), required=False, widget=MomentWidget
    )
    until = forms.DateTimeField(
        label=gettext_lazy("Put in until"), required=False, widget=MomentWidget
    )
    all_of_them = forms.BooleanField(
        label=gettext_lazy("Those that were delivered, too"),
        required=False,
        widget=CheckboxWidget,
    )
