"""Who fetched which file of orders."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from procurement.adminbase import ReadOnlyAdmin
from procurement.adminshow import age
from procurement.documents.models import ExportFetch


@admin.register(ExportFetch)
class ExportFetchAdmin(ReadOnlyAdmin):
    list_display = ["file_name", "user", "row_count", "when"]
    list_select_related = ["user"]
    list_only = ("file_name", "user__username", "rows", "at")
    ordering = ["-pk"]
    sortable_by = ()
    fields = ["file_name", "user", "at", "rows", "parameters"]

    @admin.display(description=_("Rows"))
    def row_count(self, fetch: ExportFetch) -> int:
        return fetch.rows

    @admin.display(description=_("When"))
    def when(self, fetch: ExportFetch) -> Any:
        return age(fetch.at)
