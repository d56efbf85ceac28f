"""The shop screens."""

from django.contrib import admin

from procurement.adminbase import ModelAdmin
from procurement.shops.models import Shop


@admin.register(Shop)
class ShopAdmin(ModelAdmin):
    list_display = ["name", "city", "country_code", "email", "phone"]
    search_fields = ["name", "slug"]
    search_help_text = "Name"
    prepopulated_fields = {"slug": ["name"]}
    sortable_by = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "slug", ("email", "phone")]}),
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
