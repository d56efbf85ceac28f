"""Where shops send people back to."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from procurement.errors import OperationNotAllowed

_HOW = (
    "It is the address people open the back-office at, such as "
    "https://procurement.example.com, without a path; an administrator has to set it."
)


def redirect_uri() -> str:
    """Return the one address shops send people back to, to the letter.

    Raises:
        OperationNotAllowed: PUBLIC_URL is missing or won't do.
    """
    return public_origin() + reverse("logins_return")


def public_origin() -> str:
    """Return scheme and host of PUBLIC_URL, without a slash at the end.

    Raises:
        OperationNotAllowed: PUBLIC_URL is missing or won't do.
    """
    given = settings.PUBLIC_URL.strip()
    if not given:
        raise OperationNotAllowed(
            _("PUBLIC_URL is not set, so a shop could not send anybody back. %(how)s")
            % {"how": _HOW},
            code="public_url_missing",
        )
    parts = _parts(given)
    is_bare = parts and parts.netloc and "@" not in parts.netloc
    if (
        parts is None
        or not is_bare
        or parts.scheme not in ("http", "https")
        or parts.path not in ("", "/")
        or "?" in given
        or "#" in given
    ):
        raise OperationNotAllowed(
            _("PUBLIC_URL won't do. %(how)s") % {"how": _HOW},
            code="public_url_unusable",
        )
    if parts.scheme == "http" and not (
        settings.ALLOW_INSECURE_LOOPBACK and _is_loopback(parts.hostname or "")
    ):
        raise OperationNotAllowed(
            _("PUBLIC_URL must begin with https://. %(how)s") % {"how": _HOW},
            code="public_url_unusable",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def require_origin(origin: str) -> None:
    """Refuse a start from where the way back would not be known.

    Args:
        origin: of the page with the button, as the browser told; may be empty.

    Raises:
        OperationNotAllowed: the browser is logged in under another address.
    """
    expected = public_origin()
    if origin and origin != "null" and origin.lower() != expected:
        raise OperationNotAllowed(
            _(
                "The shop sends people back to %(expected)s, where you are not "
                "logged in. Open the back-office at that address and start "
                "again."
            )
            % {"expected": expected},
            code="other_address",
        )


def _parts(address: str) -> SplitResult | None:
    if not address.isascii() or not address.isprintable() or "\\" in address:
        return None
    try:
        parts = urlsplit(address)
        parts.port  # noqa: B018 (reading it is what checks it)
    except ValueError:
        return None
    return None if " " in parts.netloc else parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
