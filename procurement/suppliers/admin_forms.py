"""The supplier form: the fields every supplier has, and those its vendor declares.

A credential goes in and never comes out: its input is empty even after a failed
save, and an empty one keeps what is stored.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext as _

import vendors
from procurement.adminbase import (
    CheckboxWidget,
    NumberWidget,
    OperationForm,
    PasswordWidget,
    SelectWidget,
    TextWidget,
)
from procurement.suppliers.models import Mode, Supplier
from procurement.texts import gettext_lazy
from vendors.contracts import FieldKind, SettingField, Vendor

CREDENTIALS, OPTIONS, FORGET = "credentials", "options", "forget"
COLUMNS = ("slug", "name", "mode", "base_url", "auth_url", "currency", "language")


def credential_fields(supplier: Supplier | None, api: Vendor) -> list[str]:
    """The fields of the credentials, and those that forget what is stored.

    What a vendor demands can be replaced and not forgotten.
    """
    names = []
    for declared in api.credentials:
        names.append(f"{CREDENTIALS}.{declared.name}")
        stored = supplier and supplier.credentials.get(declared.name)
        if stored and not declared.is_required:
            names.append(f"{FORGET}.{declared.name}")
    return names


class SupplierForm(OperationForm):
    """`version` is the one that was on the screen."""

    api: Vendor
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    base_url = forms.CharField(
        label=gettext_lazy("Address"), max_length=500, widget=TextWidget
    )
    auth_url = forms.CharField(
        label=gettext_lazy("Login address"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Only where the login has an address of its own."),
        widget=TextWidget,
    )
    confirm_live = forms.BooleanField(
        label=gettext_lazy("Real purchases"),
        required=False,
        help_text=gettext_lazy(
            "Orders to this supplier will be real purchases from now on."
        ),
        widget=CheckboxWidget,
    )

    class Meta:
        model = Supplier
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._show_addresses()
        if self.instance.pk:
            self.initial["version"] = self.instance.version
            self._show_settings()

    def _show_addresses(self) -> None:
        """Say under each address where the vendor's API is, as far as is known."""
        known = self.api.known_addresses
        for name in ("base_url", "auth_url"):
            told = [
                f"{address} ({each.note})"
                for each in known
                if (address := getattr(each, name))
            ]
            told = told or [each.note for each in known if name == "base_url"]
            self.fields[name].help_text = " ".join(
                filter(None, (str(self.fields[name].help_text), *told))
            )

    def _show_settings(self) -> None:
        stored = self.instance.credentials
        for declared in self.api.credentials:
            field = self.fields[f"{CREDENTIALS}.{declared.name}"]
            is_set = bool(stored.get(declared.name))
            state = _("Set; leave it empty to keep it.") if is_set else _("Not set.")
            field.help_text = f"{state} {declared.help}".strip()
        for name, value in self.instance.options.items():
            self.initial[f"{OPTIONS}.{name}"] = value

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        becomes_live = cleaned.get("mode") == Mode.LIVE and not (
            self.instance.pk and self.instance.is_live
        )
        if becomes_live and not cleaned.get("confirm_live"):
            self.add_error(
                "confirm_live",
                _("Tick this to say that orders there shall be real purchases."),
            )
        return cleaned

    def given_values(self) -> dict[str, Any]:
        """What the operation is given: the changed columns, credentials, options."""
        is_new = self.instance.pk is None
        values: dict[str, Any] = {
            name: self.cleaned_data[name]
            for name in COLUMNS
            if name in self.cleaned_data and (is_new or name in self.changed_data)
        }
        if credentials := self._entered_credentials():
            values[CREDENTIALS] = credentials
        options = self._entered_options()
        if options != self.instance.options:
            values[OPTIONS] = options
        if is_new:
            values["vendor"] = self.api.code
        return values

    def _entered_credentials(self) -> dict[str, str]:
        entered = {
            declared.name: self.cleaned_data[f"{CREDENTIALS}.{declared.name}"]
            for declared in self.api.credentials
        }
        forgotten = {
            declared.name: ""
            for declared in self.api.credentials
            if self.cleaned_data.get(f"{FORGET}.{declared.name}")
        }
        return {
            **forgotten,
            **{name: value for name, value in entered.items() if value},
        }

    def _entered_options(self) -> dict[str, Any]:
        """Those that say something else than the vendor's default, or did before.

        A default that is not stored can still be improved later.
        """
        options = {}
        for declared in self.api.options:
            value = self.cleaned_data[f"{OPTIONS}.{declared.name}"]
            if declared.kind is FieldKind.DECIMAL and value is not None:
                value = str(value)
            is_stored = declared.name in self.instance.options
            is_empty = value is None or value == ""
            if not is_empty and (is_stored or value != _default(declared)):
                options[declared.name] = value
        return options


def _default(declared: SettingField) -> Any:
    if declared.kind is FieldKind.BOOLEAN:
        return bool(declared.default)
    if declared.kind is FieldKind.DECIMAL:
        return None if declared.default is None else str(declared.default)
    return declared.default


def form_for(code: str) -> type[SupplierForm]:
    """The form of a supplier at one vendor."""
    api = vendors.get(code)
    fields: dict[str, Any] = {"api": api}
    for declared in api.credentials:
        fields[f"{CREDENTIALS}.{declared.name}"] = forms.CharField(
            label=declared.label,
            required=False,
            help_text=declared.help,
            widget=PasswordWidget({"autocomplete": "new-password"}),
        )
        if not declared.is_required:
            fields[f"{FORGET}.{declared.name}"] = forms.BooleanField(
                label=_("Forget: %(credential)s") % {"credential": declared.label},
                required=False,
                widget=CheckboxWidget,
            )
    for declared in api.options:
        fields[f"{OPTIONS}.{declared.name}"] = option_field(declared)
    return type(f"{code.title()}SupplierForm", (SupplierForm,), fields)


def option_field(declared: SettingField) -> forms.Field:
    common: dict[str, Any] = {
        "label": declared.label,
        "required": False,
        "initial": declared.default,
        "help_text": declared.help,
    }
    if declared.kind is FieldKind.BOOLEAN:
        return forms.BooleanField(widget=CheckboxWidget, **common)
    if declared.kind is FieldKind.INTEGER:
        return forms.IntegerField(widget=NumberWidget, **common)
    if declared.kind is FieldKind.DECIMAL:
        return forms.DecimalField(widget=NumberWidget, **common)
    if declared.choices:
        choices = [("", "–"), *((choice, choice) for choice in declared.choices)]
        return forms.ChoiceField(choices=choices, widget=SelectWidget, **common)
    if declared.kind is FieldKind.SECRET:
        return forms.CharField(widget=PasswordWidget, **common)
    return forms.CharField(widget=TextWidget, **common)
