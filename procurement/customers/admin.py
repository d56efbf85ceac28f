"""The customer screens."""

from django.contrib import admin

from procurement.adminbase import ModelAdmin, TabularInline
from procurement.customers.models import Customer, CustomerLink


class CustomerLinkInline(TabularInline):
    model = CustomerLink
    verbose_name = "number at a supplier"
    verbose_name_plural = "numbers at suppliers"
    hide_title = True


@admin.register(Customer)
class CustomerAdmin(ModelAdmin):
    list_display = ["name", "organization_number", "city", "country_code", "email"]
    search_fields = ["name", "organization_number", "external_reference", "email"]
    search_help_text = "Name, organization number, reference or e-mail"
    sortable_by = ["name"]
    inlines = [CustomerLinkInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    ("organization_number", "external_reference"),
                    ("email", "phone"),
                ]
            },
        ),
        (
            "Address",
            {
                "fields": [
                    ("street", "street_number"),
                    ("entrance", "zip_code"),
                    ("city", "country_code"),
                ]
            },
        ),
    ]
