"""The forms of the order screens. They gather values; the operations check them."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext as _

from procurement.adminbase import (
    AnyInlineFormSet,
    AnyModelForm,
    CheckboxWidget,
    DateWidget,
    LongTextWidget,
    NumberWidget,
    OperationForm,
    RadioWidget,
    SelectWidget,
    TextWidget,
)
from procurement.errors import InvalidInput
from procurement.money import plain
from procurement.orders import entry
from procurement.orders.actions import Input, InputKind, OrderAction
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.texts import gettext_lazy

ACTION_FORM_ID = "action-form"


class OrderForm(OperationForm):
    """The head of an order; `version` is the one that was on the screen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    currency = forms.CharField(
        required=False,
        max_length=3,
        help_text=gettext_lazy("Three letters. Left empty, it is the supplier's."),
        widget=TextWidget,
    )
    buyer = forms.ModelChoiceField(
        queryset=User.objects.filter(is_staff=True, is_active=True).order_by(
            "username"
        ),
        widget=SelectWidget,
    )
    is_test = forms.BooleanField(
        label=gettext_lazy("Test"),
        required=False,
        help_text=gettext_lazy(
            "Not a real purchase. A supplier in test mode makes every order one."
        ),
        widget=CheckboxWidget,
    )

    class Meta:
        model = PurchaseOrder
        fields = "__all__"
        widgets = {"requested_date": DateWidget, "note": LongTextWidget({"rows": 2})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.version
        for column in entry.ADDRESS_COLUMNS:
            if column in self.fields:
                label = column.removeprefix("delivery_").replace("_", " ")
                self.fields[column].label = label.capitalize()
        for name in ("supplier", "shop", "customer"):
            if name in self.fields:
                _keep_to_choosing(self.fields[name].widget)

    def field_of(self, name: str) -> str | None:
        if name.startswith("lines"):
            return None
        return super().field_of(name.replace("delivery_address.", "delivery_"))

    def changed_values(self) -> dict[str, Any]:
        """What the operation is given: all of a new order, else what was changed."""
        names = set(self.changed_data) if self.instance.pk else set(self.cleaned_data)
        values = {
            name: self.cleaned_data[name]
            for name in entry.ORDER_FIELDS
            if name in names and name in self.fields
        }
        if names & set(entry.ADDRESS_COLUMNS):
            values["delivery_address"] = {
                column.removeprefix("delivery_"): self.cleaned_data[column]
                for column in entry.ADDRESS_COLUMNS
            }
        return values


def _keep_to_choosing(widget: Any) -> None:
    """No pencil or bin beside the choice: an order is no place to edit a supplier."""
    for name in ("can_add_related", "can_change_related", "can_view_related"):
        setattr(widget, name, False)
    widget.can_delete_related = False


class LineForm(AnyModelForm):
    class Meta:
        model = OrderLine
        fields = entry.LINE_FIELDS
        labels = {"position": "#", "vat_percent": "VAT %"}
        widgets = {
            "position": NumberWidget({"class": "input-narrowest"}),
            "quantity": NumberWidget({"class": "input-quantity"}),
            "unit_price": NumberWidget({"class": "input-price"}),
            "vat_percent": NumberWidget({"class": "input-narrow"}),
            "unit": TextWidget({"class": "input-narrow"}),
            "brand": TextWidget({"class": "input-price"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["position"].required = False
        for field in self.fields.values():
            # The column's title is no label to a screen reader.
            field.widget.attrs["aria-label"] = field.label
        for name in ("quantity", "unit_price", "vat_percent"):
            value = self.initial.get(name)
            if isinstance(value, Decimal):
                # The same number with fewer zeros, so it still counts as unchanged.
                self.initial[name] = Decimal(plain(value))

    def _post_clean(self) -> None:
        """Leave the checks to the operation."""


class LineFormSet(AnyInlineFormSet):
    """The lines as they are typed; saved as a whole, so none is looked up by id.

    Whoever saved the order in between has replaced them all. What was typed has to
    survive that, whatever became of the rows it began from.
    """

    refusal: Exception | None = None

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["id"] = forms.IntegerField(
            initial=form.instance.pk, required=False, widget=forms.HiddenInput
        )

    def validate_unique(self) -> None:
        """Leave it to the operation, which names the line."""

    def clean(self) -> None:
        if not isinstance(self.refusal, InvalidInput):
            return
        kept = self.kept_forms()
        for name, text in self.refusal.errors.items():
            parts = name.split(".")
            if parts[0] != "lines":
                continue
            if len(parts) < 3:
                raise forms.ValidationError(text)
            form = kept[int(parts[1])]
            form.add_error(parts[2] if parts[2] in form.fields else None, text)

    def kept_forms(self) -> list[Any]:
        """The rows that are lines: neither taken out nor left empty."""
        return [
            form
            for form in self.forms
            if not form.cleaned_data.get(DELETION_FIELD_NAME)
            and (form.has_changed() or form.initial.get("item_number"))
        ]

    def entered_lines(self) -> list[dict[str, Any]]:
        lines = [
            {name: form.cleaned_data.get(name) for name in entry.LINE_FIELDS}
            for form in self.kept_forms()
        ]
        taken = [line["position"] for line in lines if line["position"] is not None]
        position = max(taken, default=0)
        for line in lines:
            if line["position"] is None:
                position += 1
                line["position"] = position
        return lines


# --- what an action asks for ------------------------------------------------------


class ActionForm(forms.Form):
    """The inputs of an action; fields are named as the operation names its errors."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        action: OrderAction,
        lines: Iterable[OrderLine],
        data: Mapping[str, Any] | None = None,
        *,
        order: PurchaseOrder | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.action = action
        self.fields["version"].required = action.takes_version
        lines = list(lines)
        for given in action.inputs:
            if given.is_per_line:
                for line in lines:
                    self.fields[f"{given.name}.{line.position}"] = _line_field(
                        given, line
                    )
            else:
                self.fields[given.name] = _field(given)
                if given.initial is not None and order is not None:
                    self.fields[given.name].initial = given.initial(order)

    def line_columns(self) -> list[str]:
        """The titles of what is entered beside each order line."""
        return [str(given.label) for given in self.action.inputs if given.is_per_line]

    def line_entries(self, line: OrderLine) -> list[Any]:
        """The fields in which this line is entered, in the order of the titles."""
        names = [
            f"{given.name}.{line.position}"
            for given in self.action.inputs
            if given.is_per_line
        ]
        return [self[name] for name in names if name in self.fields]

    def other_entries(self) -> list[Any]:
        """Every field that is not shown beside an order line."""
        return [field for field in self if "." not in field.name]

    def values(self) -> dict[str, Any]:
        """The keyword arguments of the operation."""
        values: dict[str, Any] = {}
        for given in self.action.inputs:
            if given.is_per_line:
                values[given.name] = self._by_line(f"{given.name}.")
            elif given.kind is InputKind.TEXTS:
                values[given.name] = _texts(self.cleaned_data[given.name])
            else:
                values[given.name] = self.cleaned_data[given.name]
        return values

    def _by_line(self, prefix: str) -> dict[int, Any]:
        return {
            int(name.removeprefix(prefix)): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix) and value is not None
        }

    def show_refusal(self, refusal: InvalidInput) -> None:
        for name, text in refusal.errors.items():
            self.add_error(name if name in self.fields else None, text)


def _staff() -> QuerySet[User]:
    return User.objects.filter(is_staff=True, is_active=True)


def _usernames(people: Callable[[], QuerySet[User]]) -> list[tuple[str, str]]:
    usernames = people().order_by("username").values_list("username", flat=True)
    return [("", "–"), *((username, username) for username in usernames)]


def _texts(entered: str) -> list[str]:
    """What stands on lines of its own, or between commas."""
    parts = entered.replace(",", "\n").splitlines()
    return [part.strip() for part in parts if part.strip()]


def _field(given: Input) -> forms.Field:
    common: dict[str, Any] = {
        "label": given.label,
        "required": given.is_required,
        "help_text": given.help,
    }
    if given.kind is InputKind.CHOICE:
        return forms.ChoiceField(choices=given.choices, widget=RadioWidget, **common)
    if given.kind is InputKind.PERSON:
        people = partial(_usernames, given.people or _staff)
        return forms.ChoiceField(choices=people, widget=SelectWidget, **common)
    if given.kind is InputKind.BOOLEAN:
        return forms.BooleanField(widget=CheckboxWidget, **common)
    if given.kind is InputKind.DATE:
        return forms.DateField(widget=DateWidget, **common)
    if given.kind is InputKind.AMOUNT:
        return forms.DecimalField(
            max_digits=15, decimal_places=3, widget=NumberWidget, **common
        )
    if given.kind in (InputKind.LONG_TEXT, InputKind.TEXTS):
        return forms.CharField(widget=LongTextWidget({"rows": 3}), **common)
    return forms.CharField(widget=TextWidget(), **common)


def _line_field(given: Input, line: OrderLine) -> forms.Field:
    attributes = {
        "class": (
            "input-dates" if given.kind is InputKind.LINE_DATES else "input-price"
        ),
        "form": ACTION_FORM_ID,
        "aria-label": _("%(given_label)s, line %(position)s")
        % {"given_label": given.label, "position": line.position},
    }
    common: dict[str, Any] = {
        "label": f"{line.position}. {line.item_number} {line.description}".strip(),
        "required": False,
        "initial": given.initial(line) if given.initial else None,
        "help_text": given.line_help(line) if given.line_help else "",
    }
    if given.kind is InputKind.LINE_DATES:
        return forms.DateField(widget=DateWidget(attributes), **common)
    return forms.DecimalField(
        max_digits=15,
        decimal_places=4 if given.kind is InputKind.LINE_PRICES else 3,
        widget=NumberWidget(attributes),
        **common,
    )
