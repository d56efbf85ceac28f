"""`/hooks/{slug}/`: where a vendor's webhooks arrive.

Answered at once; the work is done later. What is answered tells a stranger nothing.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from procurement.inbound import operations
from procurement.secrets import UnreadableSecrets
from procurement.suppliers.models import Supplier
from vendors.contracts import BadSignature, Capability, Webhooks


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, slug: str) -> HttpResponse:
    supplier = Supplier.objects.filter(slug=slug).first()
    if supplier is None or not supplier.api.offers(Capability.WEBHOOKS):
        return _plain(_("There is no such address."), 404)
    if request.method == "GET":
        return _echo(request, supplier)
    if _length(request) > settings.HOOK_MAX_BYTES:
        return _plain(_("The body is too large."), 413)
    if isinstance(supplier.credentials, UnreadableSecrets):
        return _plain(_("Try again later."), 503)
    try:
        operations.take_in(
            supplier=supplier, headers=request.headers, body=request.body
        )
    except BadSignature:
        return _plain(_("The signature is missing or wrong."), 401)
    return _plain(_("Taken in."), 200)


def _echo(request: HttpRequest, supplier: Supplier) -> HttpResponse:
    hooks: Webhooks = supplier.api.webhooks  # type: ignore[assignment]
    said = hooks.echo(request.GET.dict())
    return _plain("", 200) if said is None else _plain(said, 200)


def _length(request: HttpRequest) -> int:
    """The announced length; without one the server takes no body at all."""
    try:
        return int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return int(settings.HOOK_MAX_BYTES) + 1


def _plain(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
