"""The part of "My settings" where a person says what they want to be told."""

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.adminbase import CheckboxWidget, SelectWidget
from procurement.errors import InvalidInput
from procurement.notices.kinds import By, Kind
from procurement.notices.operations import change_wishes
from procurement.notices.wishes import Wish, kinds_for, wishes_of

HOUR = "digest_hour"


class WishesForm(forms.Form):
    """For each kind a tick for the list and a choice for the mail."""

    digest_hour = forms.TypedChoiceField(
        label=gettext_lazy("Mail of the day at"),
        coerce=int,
        empty_value=None,
        widget=SelectWidget,
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
    )

    def __init__(self, user: User, data: Any = None, **kwargs: Any) -> None:
        prefix = kwargs.get("prefix", "")
        # A part of the page that was not posted is left as it is.
        self.is_left_out = data is not None and f"{prefix}-{HOUR}" not in data
        super().__init__(None if self.is_left_out else data, **kwargs)
        self.kinds = kinds_for(user)
        self.has_address = bool(user.email)
        wishes = wishes_of([user])[user.pk]
        self.fields[HOUR].initial = wishes.digest_hour
        self.fields[HOUR].help_text = _("By your own clock.")
        for kind in self.kinds:
            self._add(kind, wishes.of(kind))

    def _add(self, kind: Kind, wish: Wish) -> None:
        self.fields[f"{kind}_in_app"] = forms.BooleanField(
            label=_("%(kind)s: in the list") % {"kind": kind.label},
            required=False,
            initial=wish.in_app,
            widget=CheckboxWidget,
        )
        self.fields[f"{kind}_mail"] = forms.ChoiceField(
            label=_("%(kind)s: by mail") % {"kind": kind.label},
            choices=By.choices,
            initial=wish.mail.value,
            widget=SelectWidget,
        )

    def is_valid(self) -> bool:
        return self.is_left_out or super().is_valid()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The table's rows: the kind and its two fields."""
        return [
            {
                "label": kind.label,
                "in_app": self[f"{kind}_in_app"],
                "mail": self[f"{kind}_mail"],
            }
            for kind in self.kinds
        ]


def save_wishes(user: User, form: WishesForm) -> None:
    if form.is_left_out:
        return
    chosen = form.cleaned_data
    choices = {
        kind.value: Wish(chosen[f"{kind}_in_app"], By(chosen[f"{kind}_mail"]))
        for kind in form.kinds
    }
    try:
        change_wishes(actor=user, choices=choices, digest_hour=chosen[HOUR])
    except InvalidInput as invalid:
        # The form has two fields for a kind; it is said at the second.
        raise InvalidInput(
            {
                name if name == HOUR else f"{name}_mail": text
                for name, text in invalid.errors.items()
            }
        ) from invalid
