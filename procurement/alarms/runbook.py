"""The runbook on the screen: `docs/runbook.md`, with a section for each alarm."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procurement.alarms.models import Kind
from procurement.markdown import anchor, to_html

MAY_SEE = "alarms.view_alarm"
_FILE = Path(settings.BASE_DIR) / "docs" / "runbook.md"


@require_safe
def runbook(request: HttpRequest) -> HttpResponse:
    """All of it, in English as it is written."""
    if not request.user.has_perm(MAY_SEE):
        raise PermissionDenied
    if not _FILE.is_file():
        raise Http404
    context = {
        **admin.site.each_context(request),
        "title": _("Runbook"),
        "guide": _page(),
        "back": reverse("admin:alarms_alarm_changelist"),
    }
    return TemplateResponse(request, "admin/alarms/runbook.html", context)


def section_url(kind: str) -> str:
    """The address of what is to be done about a kind of alarm."""
    return f"{reverse('runbook')}#{anchor(Kind(kind).value)}"


@cache
def _page() -> SafeString:
    _heading, _end, text = _FILE.read_text().partition("\n")
    return to_html(text, _link)


def _link(target: str) -> str:
    """Places on the page, and the guides that are served; other files are not."""
    if target.startswith("#"):
        return target
    if target.startswith("api/"):
        return reverse("guide", args=[target.removeprefix("api/")[: -len(".md")]])
    return ""
