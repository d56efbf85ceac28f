"""The forms of keys; what they hold goes to the operations, which check it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.access.models import ApiKey
from procurement.access.operations import LONGEST_NAME, OVERLAP
from procurement.access.scopes import SCOPES
from procurement.adminbase import (
    CheckboxesWidget,
    DateWidget,
    LongTextWidget,
    NumberWidget,
    SelectWidget,
    TextWidget,
)
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.scoping import scoped

AN_HOUR = timedelta(hours=1)
_FIELDS = {"expires_at": "expires_on", "overlap": "overlap_hours"}
"""The fields here that stand for others of the operations."""


class RefusedForm(forms.Form):
    """A form that shows, at its fields, what an operation refused."""

    def add_refusal(self, refusal: InvalidInput | OperationNotAllowed) -> None:
        if isinstance(refusal, OperationNotAllowed):
            self.add_error(None, refusal.text)
            return
        for name, text in refusal.errors.items():
            field = _FIELDS.get(name, name)
            self.add_error(field if field in self.fields else None, text)


class LimitsForm(RefusedForm):
    """Until when, from where and how often a key is taken."""

    expires_on = forms.DateField(
        label=gettext_lazy("Ends on"),
        required=False,
        widget=DateWidget,
        help_text=gettext_lazy(
            "It works until the end of that day. Left empty, until it is revoked."
        ),
    )
    networks = forms.CharField(
        label=gettext_lazy("Only from"),
        required=False,
        widget=LongTextWidget({"rows": 3}),
        help_text=gettext_lazy(
            "Addresses and networks it may be called from, such as 192.0.2.10, "
            "192.0.2.0/24 or 2001:db8::/32, apart by commas or lines. Left empty, from "
            "anywhere."
        ),
    )
    calls_per_minute = forms.IntegerField(
        label=gettext_lazy("Calls a minute"),
        required=False,
        min_value=0,
        widget=NumberWidget({"inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = settings.API_CALLS_PER_MINUTE
        self.fields["calls_per_minute"].help_text = (
            _("Left empty, %(usual)s as for every key. 0 is any number.")
            % {"usual": usual}
            if usual
            else _("Left empty or 0, any number.")
        )

    def limits(self, key: ApiKey | None = None) -> dict[str, Any]:
        """The values as operations take them; an end not touched stays to the second.

        Args:
            key: which is changed.
        """
        day = self.cleaned_data["expires_on"]
        expires_at = end_of(day)
        if key is not None and day == _day_of(key.expires_at):
            expires_at = key.expires_at
        return {
            "expires_at": expires_at,
            "networks": self.cleaned_data["networks"],
            "calls_per_minute": self.cleaned_data["calls_per_minute"],
        }


def limits_of(key: ApiKey) -> Mapping[str, Any]:
    """What a form to change them begins with."""
    return {
        "expires_on": _day_of(key.expires_at),
        "networks": "\n".join(key.networks),
        "calls_per_minute": key.calls_per_minute,
    }


class NewKeyForm(LimitsForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=LONGEST_NAME,
        widget=TextWidget,
        help_text=gettext_lazy(
            "The system it is for. Keys of one name are one system."
        ),
    )
    user = forms.ModelChoiceField(
        label=gettext_lazy("User"),
        queryset=User.objects.filter(is_active=True).order_by("username"),
        widget=SelectWidget,
        help_text=gettext_lazy("The key can do no more than this user may."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=[
            (scope, format_lazy("{} – {}", scope, meaning))
            for scope, meaning in SCOPES.items()
        ],
        widget=CheckboxesWidget,
    )
    shop = forms.ModelChoiceField(
        label=gettext_lazy("Shop"),
        queryset=apps.get_model("shops.Shop").objects.order_by("name"),
        required=False,
        empty_label=gettext_lazy("All shops"),
        widget=SelectWidget,
        help_text=gettext_lazy("The one shop it sees and enters orders for."),
    )
    field_order = ("name", "user", "scopes", "shop")

    def __init__(self, maker: User, *args: Any, **kwargs: Any) -> None:
        """
        Args:
            maker: whoever fills it in; it offers the users and shops they may choose.
        """
        super().__init__(*args, **kwargs)
        users: Any = self.fields["user"]
        if not maker.is_superuser:
            users.queryset = users.queryset.filter(is_superuser=False)
        shops: Any = self.fields["shop"]
        shops.queryset = scoped(shops.queryset, maker)

    def values(self) -> dict[str, Any]:
        shop = self.cleaned_data["shop"]
        return {
            "name": self.cleaned_data["name"],
            "user_id": self.cleaned_data["user"].pk,
            "scopes": self.cleaned_data["scopes"],
            "shop_id": shop.pk if shop else None,
            **self.limits(),
        }


class ReplaceForm(RefusedForm):
    overlap_hours = forms.IntegerField(
        label=gettext_lazy("Hours the old key works on"),
        min_value=0,
        initial=OVERLAP // AN_HOUR,
        widget=NumberWidget({"inputmode": "numeric"}),
        help_text=gettext_lazy(
            "Long enough to enter the new key wherever the old one is. 0 ends it at "
            "once."
        ),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("The new one ends on"),
        required=False,
        widget=DateWidget,
        help_text=LimitsForm.base_fields["expires_on"].help_text,
    )

    def values(self) -> dict[str, Any]:
        return {
            "overlap": self.cleaned_data["overlap_hours"] * AN_HOUR,
            "expires_at": end_of(self.cleaned_data["expires_on"]),
        }


def next_end(key: ApiKey) -> date | None:
    """The day on which a successor ends that is given as long as the key was."""
    if key.expires_at is None:
        return None
    return _day_of(timezone.now() + (key.expires_at - key.created_at))


def end_of(day: date | None) -> datetime | None:
    """The last moment of a day, as people read it."""
    return None if day is None else timezone.make_aware(datetime.combine(day, time.max))


def _day_of(moment: datetime | None) -> date | None:
    return None if moment is None else timezone.localtime(moment).date()
