"""The screens of approval rules and of stand-ins."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement import clock
from procurement.adminbase import ModelAdmin, OperationAdmin, TabularInline
from procurement.adminfilters import SelectFilter, field_filter
from procurement.adminshow import amount, badge
from procurement.approvals import rule_operations
from procurement.approvals.admin_forms import (
    AutoForm,
    LevelForm,
    LevelFormSet,
    RuleForm,
    StandInForm,
)
from procurement.approvals.fulfilling import problems_of
from procurement.approvals.models import (
    ApprovalLevel,
    ApprovalRule,
    AutoApproval,
    StandIn,
)

YES_NO = [(1, gettext_lazy("Active")), (0, gettext_lazy("Not active"))]


class LoggedAdmin(OperationAdmin):
    """Saved by operations; what was changed stands in the page's history.

    Rules have no timeline of their own, so the admin's log keeps who changed them.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"show_history": True, **(extra_context or {})}
        return super().changeform_view(request, object_id, form_url, context)

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[Any]:
        if add:
            return [{"added": {}}]
        fields = [str(form.fields[name].label or name) for name in form.changed_data]
        fields += [
            str(formset.model._meta.verbose_name_plural)
            for formset in formsets or ()
            if formset.has_changed()
        ]
        return [{"changed": {"fields": fields}}] if fields else []

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return ModelAdmin.log_addition(self, request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return ModelAdmin.log_change(self, request, obj, message)


class CriteriaAdmin(LoggedAdmin):
    list_select_related = ["supplier", "shop", "buyer"]
    list_filter = [field_filter("is_active", gettext_lazy("Active"), YES_NO)]
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("supplier__credentials")

    @admin.display(description=gettext_lazy("Which orders"))
    def which(self, rule: Any) -> str:
        parts = [self.limit(rule)]
        for label, value in (
            (_("supplier"), rule.supplier),
            (_("shop"), rule.shop),
            (_("buyer"), rule.buyer),
        ):
            if value is not None:
                parts.append(f"{label} {value}")
        return " · ".join(filter(None, parts)) or _("Every order")

    def limit(self, rule: Any) -> str:
        raise NotImplementedError

    @admin.display(description=gettext_lazy("State"))
    def state(self, rule: Any) -> SafeString:
        if problem := getattr(rule, "problem", ""):
            return badge(_("Problem"), "red", problem)
        if rule.is_active:
            return badge(_("Active"), "green")
        return badge(_("Not active"), "grey")


class LevelInline(TabularInline):
    model = ApprovalLevel
    form = LevelForm
    formset = LevelFormSet
    fields = rule_operations.LEVEL_FIELDS
    verbose_name_plural = gettext_lazy("Levels, asked one after the other")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.refusal = getattr(request, "refusal", None)
        return formset


@admin.register(ApprovalRule)
class ApprovalRuleAdmin(CriteriaAdmin):
    form = RuleForm
    inlines = [LevelInline]
    list_display = ["name", "which", "levels_text", "send_on_approval", "state"]
    autocomplete_fields = ["supplier", "shop"]
    change_form_template = "admin/approvals/rule.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name", "position"),
                    "is_active",
                    "send_on_approval",
                ]
            },
        ),
        (
            gettext_lazy("For which orders"),
            {
                "description": gettext_lazy(
                    "What is left empty is not looked at; an order has to meet all "
                    "the rest. Orders that no rule is for may be approved by anybody "
                    "with the permission."
                ),
                "fields": [
                    ("least_amount", "currency"),
                    ("supplier", "shop"),
                    "buyer",
                ],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found = super().get_queryset(request)
        return found.prefetch_related("levels__groups", "levels__people")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and answer.context_data:
            rules = list(answer.context_data["cl"].result_list)
            problems = problems_of(rules)
            for rule in rules:
                rule.problem = problems.get(rule.pk, "") if rule.is_active else ""
            answer.context_data["cl"].result_list = rules
        return answer

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None and obj.is_active and request.method == "GET":
            context["problem"] = problems_of([obj]).get(obj.pk, "")
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_by_operation(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> ApprovalRule:
        data = {
            name: form.cleaned_data[name]
            for name in rule_operations.RULE_FIELDS
            if name in form.cleaned_data
        }
        for formset in formsets:
            data["levels"] = formset.entered_levels()
        return rule_operations.save_rule(
            rule_id=form.instance.pk if change else None,
            actor=request.user,  # type: ignore[arg-type]
            data=data,
        )

    def limit(self, rule: ApprovalRule) -> str:
        if rule.least_amount is None:
            return rule.currency
        return _("from %(amount)s") % {
            "amount": amount(rule.least_amount, rule.currency)
        }

    @admin.display(description=gettext_lazy("Levels"))
    def levels_text(self, rule: ApprovalRule) -> str:
        texts = []
        for level in rule.levels.all():
            names = [group.name for group in level.groups.all()]
            names += [user.get_username() for user in level.people.all()]
            texts.append(f"{level.position}. {level.name} ({', '.join(names)})")
        return " → ".join(texts)


@admin.register(AutoApproval)
class AutoApprovalAdmin(CriteriaAdmin):
    form = AutoForm
    list_display = ["name", "which", "send_on_approval", "state"]
    autocomplete_fields = ["supplier", "shop"]
    fieldsets = [
        (None, {"fields": ["name", "is_active", "send_on_approval"]}),
        (
            gettext_lazy("For which orders"),
            {
                "description": gettext_lazy(
                    "They are approved as soon as approval is asked for, unless an "
                    "approval rule demands a level for them."
                ),
                "fields": [("below", "currency"), ("supplier", "shop"), "buyer"],
            },
        ),
    ]

    def save_by_operation(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> AutoApproval:
        return rule_operations.save_auto_approval(
            rule_id=form.instance.pk if change else None,
            actor=request.user,  # type: ignore[arg-type]
            data={
                name: form.cleaned_data[name]
                for name in rule_operations.AUTO_FIELDS
                if name in form.cleaned_data
            },
        )

    def limit(self, rule: AutoApproval) -> str:
        return _("below %(amount)s") % {"amount": amount(rule.below, rule.currency)}


class DaysFilter(SelectFilter):
    title, parameter_name = gettext_lazy("Days"), "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return [("now", _("Today")), ("to_come", _("To come")), ("over", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = clock.today()
        if self.value() == "now":
            return queryset.filter(first_day__lte=today, last_day__gte=today)
        if self.value() == "to_come":
            return queryset.filter(first_day__gt=today)
        if self.value() == "over":
            return queryset.filter(last_day__lt=today)
        return queryset


@admin.register(StandIn)
class StandInAdmin(LoggedAdmin):
    """Everybody who may look sees them all; approvers name those of their own."""

    form = StandInForm
    list_display = ["absent", "stand_in", "first_day", "last_day", "reason", "state"]
    list_select_related = ["absent", "stand_in"]
    list_filter = [DaysFilter]
    sortable_by = ()
    fields = ["absent", "stand_in", ("first_day", "last_day"), "reason"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = list(super().get_fields(request, obj))
        if obj is None and not request.user.has_perm("approvals.keep_standin"):
            fields.remove("absent")
        return fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["absent"] if obj is not None else []

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or rule_operations.may_keep(obj, request.user))  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has begun stays to be seen: decisions may name it."""
        may = super().has_delete_permission(request, obj)
        is_theirs = obj is None or (
            rule_operations.may_keep(obj, request.user)  # type: ignore[arg-type]
            and rule_operations.is_to_come(obj)
        )
        return may and is_theirs

    def delete_model(self, request: HttpRequest, obj: StandIn) -> None:
        rule_operations.withdraw_stand_in(
            stand_in_id=obj.pk,
            actor=request.user,  # type: ignore[arg-type]
        )

    def save_by_operation(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> StandIn:
        data = {
            name: form.cleaned_data[name]
            for name in rule_operations.STAND_IN_FIELDS
            if form.cleaned_data.get(name) is not None
        }
        if not request.user.has_perm("approvals.keep_standin"):
            data.pop("absent", None)
        return rule_operations.save_stand_in(
            stand_in_id=form.instance.pk if change else None,
            actor=request.user,  # type: ignore[arg-type]
            data=data,
        )

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: StandIn) -> SafeString:
        today = clock.today()
        if row.last_day < today:
            return badge(_("Over"), "grey")
        if row.first_day > today:
            return badge(_("To come"), "blue")
        return badge(_("Stands in"), "green")
