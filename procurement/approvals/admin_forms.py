"""The forms of approval rules and stand-ins. They gather; the operations check."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.forms.formsets import DELETION_FIELD_NAME
from django.utils.translation import gettext_lazy as _

from procurement.adminbase import (
    AnyInlineFormSet,
    AnyModelForm,
    CheckboxesWidget,
    CheckboxWidget,
    DateWidget,
    NumberWidget,
    OperationForm,
    SelectWidget,
    TextWidget,
)
from procurement.approvals.models import (
    ApprovalLevel,
    ApprovalRule,
    AutoApproval,
    StandIn,
)
from procurement.approvals.people import approvers
from procurement.approvals.rule_operations import LEVEL_FIELDS
from procurement.errors import InvalidInput


class CriteriaForm(OperationForm):
    currency = forms.CharField(
        label=_("Currency"),
        required=False,
        max_length=3,
        widget=TextWidget,
        help_text=_("Three letters. Orders in other currencies are not meant then."),
    )
    buyer = forms.ModelChoiceField(
        label=_("Buyer"),
        queryset=User.objects.filter(is_staff=True).order_by("username"),
        required=False,
        widget=SelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("supplier", "shop"):
            if name in self.fields:
                _keep_to_choosing(self.fields[name].widget)


class RuleForm(CriteriaForm):
    class Meta:
        model = ApprovalRule
        fields = "__all__"
        widgets = {"least_amount": NumberWidget, "position": NumberWidget}

    def field_of(self, name: str) -> str | None:
        return None if name.startswith("levels") else super().field_of(name)


class AutoForm(CriteriaForm):
    class Meta:
        model = AutoApproval
        fields = "__all__"
        widgets = {"below": NumberWidget}


class LevelForm(AnyModelForm):
    name = forms.CharField(label=_("Name"), max_length=80, widget=TextWidget)
    groups = forms.ModelMultipleChoiceField(
        label=_("Any one of these groups"),
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=CheckboxesWidget,
    )
    people = forms.ModelMultipleChoiceField(
        label=_("or of these people"),
        queryset=User.objects.none(),
        required=False,
        widget=CheckboxesWidget,
    )
    allows_same_person = forms.BooleanField(
        label=_("Also who approved before"), required=False, widget=CheckboxWidget
    )

    class Meta:
        model = ApprovalLevel
        fields = LEVEL_FIELDS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Who may approve no more stays to be seen, and can be taken out.
        choosable = approvers()
        if self.instance.pk:
            named = User.objects.filter(pk__in=self.instance.people.order_by())
            choosable = choosable | named
        self.fields["people"].queryset = choosable  # type: ignore[attr-defined]
        for field in self.fields.values():
            # The column's title is no label to a screen reader.
            field.widget.attrs["aria-label"] = field.label

    def _post_clean(self) -> None:
        """Leave the checks to the operation."""


class LevelFormSet(AnyInlineFormSet):
    """The levels as they were entered, in the order of the page."""

    refusal: Exception | None = None

    def clean(self) -> None:
        if not isinstance(self.refusal, InvalidInput):
            return
        kept = self.kept_forms()
        for name, text in self.refusal.errors.items():
            parts = name.split(".")
            if parts[0] != "levels":
                continue
            if len(parts) < 3:
                raise forms.ValidationError(text)
            kept[int(parts[1])].add_error(parts[2], text)

    def kept_forms(self) -> list[Any]:
        return [
            form
            for form in self.forms
            if not form.cleaned_data.get(DELETION_FIELD_NAME)
            and (form.has_changed() or form.instance.pk)
        ]

    def entered_levels(self) -> list[dict[str, Any]]:
        return [
            {name: form.cleaned_data.get(name) for name in LEVEL_FIELDS}
            for form in self.kept_forms()
        ]


class StandInForm(OperationForm):
    stand_in = forms.ModelChoiceField(
        label=_("Who stands in"),
        queryset=approvers(),
        widget=SelectWidget,
        help_text=_("Only who may approve orders themselves."),
    )
    absent = forms.ModelChoiceField(
        label=_("For whom"),
        queryset=approvers(),
        widget=SelectWidget,
        required=False,
        help_text=_("Left empty, for yourself."),
    )

    class Meta:
        model = StandIn
        fields = ("absent", "stand_in", "first_day", "last_day", "reason")
        widgets = {
            "first_day": DateWidget,
            "last_day": DateWidget,
            "reason": TextWidget,
        }


def _keep_to_choosing(widget: Any) -> None:
    """No pencil or bin beside the choice: this is no place to edit a supplier."""
    for name in ("can_add_related", "can_change_related", "can_view_related"):
        setattr(widget, name, False)
    widget.can_delete_related = False
