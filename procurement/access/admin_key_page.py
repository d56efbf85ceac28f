"""What a key's page and the list of keys say of a key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from procurement.access.limits import limit_of
from procurement.access.models import ApiKey, KeyEvent, KeyEventKind, Standing
from procurement.access.scopes import SCOPES
from procurement.adminshow import age, badge
from procurement.texts import Text, gettext_lazy

_TONES = {
    Standing.IN_USE: "green",
    Standing.ENDING: "amber",
    Standing.REPLACED: "blue",
}
_SHOWN = 2
"""So many networks stand in the list; of more the number is told."""


def badge_of(key: ApiKey) -> SafeString:
    standing = key.standing
    return badge(standing.label, _TONES.get(standing, "grey"))


def used_text(key: ApiKey) -> SafeString:
    """When and from where it was used; below, that it was tried in vain since then."""
    parts = [_when_and_where(key.last_used_at, key.last_used_from)]
    if is_tried_in_vain(key):
        says = _("in vain: %(ago)s ago") % {"ago": _ago(key.refused_at)}
        parts.append(format_html('<div class="small late">{}</div>', says))
    return format_html_join("", "{}", ((part,) for part in parts))


def is_tried_in_vain(key: ApiKey) -> bool:
    """Whether the last call with it was refused."""
    if key.refused_at is None:
        return False
    return key.last_used_at is None or key.refused_at > key.last_used_at


def ends_text(key: ApiKey) -> SafeString | str:
    if key.expires_at is None:
        return "–"
    is_near = key.standing.is_good and key.ends_soon
    return format_html(
        '<span class="unbroken{}">{}</span>',
        " late" if is_near else "",
        _moment(key.expires_at),
    )


def networks_text(key: ApiKey) -> SafeString | str:
    if not key.networks:
        return _("anywhere")
    if len(key.networks) > _SHOWN:
        return _("%(number)s networks") % {"number": len(key.networks)}
    return format_html_join("", '<div class="unbroken">{}</div>', zip(key.networks))


def calls_text(key: ApiKey) -> str:
    limit = limit_of(key)
    return str(limit) if limit else _("any number")


# --- the page ---------------------------------------------------------------------


@dataclass(frozen=True)
class Note:
    """A sentence above the facts, with a link to another key if it is about one."""

    tone: str
    text: str
    other: ApiKey | None = None

    @property
    def url(self) -> str:
        other = self.other
        return reverse("admin:access_apikey_change", args=[other.pk]) if other else ""


@dataclass(frozen=True)
class Done:
    """What somebody did to the key."""

    at: datetime
    who: str
    what: str
    details: list[str]


def key_page(key: ApiKey) -> dict[str, Any]:
    """What the template shows besides the key itself."""
    return {
        "badge": badge_of(key),
        "notes": list(_notes(key)),
        "used": used_text(key),
        "calls": calls_text(key),
        "is_usual_limit": key.calls_per_minute is None,
        "scopes": [(scope, SCOPES.get(scope, "")) for scope in key.scopes],
        "done": [_done(event) for event in key.events.select_related("actor")],
    }


def _notes(key: ApiKey) -> Iterator[Note]:
    successor = key.replaced_by
    if successor is not None:
        tone, text = _of_replaced(key, successor)
        by = _("It was replaced by %(key)s.") % {"key": successor}
        yield Note(tone, f"{by} {text}", successor)
    elif key.standing == Standing.ENDING:
        says = _("It ends on %(moment)s. Replace it in time.") % {
            "moment": _moment(key.expires_at)
        }
        yield Note("amber", says)
    old: ApiKey | None = getattr(key, "replaces", None)
    if old is not None:
        tone, text = _of_replaced(old, key)
        of = _("It replaces %(key)s.") % {"key": old}
        yield Note(tone, f"{of} {text}", old)
    if is_tried_in_vain(key) and key.refused_at is not None:
        says = _(
            "Calls with it are refused: last at %(moment)s from %(address)s, since "
            "%(why)s."
        ) % {
            "moment": _moment(key.refused_at),
            "address": key.refused_from or _("an unknown address"),
            "why": key.get_refused_why_display(),
        }
        yield Note("red", says)


def _of_replaced(old: ApiKey, new: ApiKey) -> tuple[str, str]:
    """The tone and the text of whether the old one can go."""
    used_at = old.last_used_at
    is_used = used_at is not None and used_at > new.created_at
    still = (
        _("The old key is still used: %(ago)s ago from %(address)s.")
        % {
            "ago": _ago(used_at),
            "address": old.last_used_from or _("an unknown address"),
        }
        if is_used
        else _("The old key was not used since the new one was made.")
    )
    if not old.standing.is_good:
        return "green", _("The old key works no more.")
    until = _("The old key works until %(moment)s.") % {
        "moment": _moment(old.expires_at)
    }
    return "amber" if is_used else "green", f"{until} {still}"


_NAMES: dict[str, Text] = {
    "expires_at": gettext_lazy("Ends"),
    "networks": gettext_lazy("Only from"),
    "calls_per_minute": gettext_lazy("Calls a minute"),
}


def _done(event: KeyEvent) -> Done:
    actor = event.actor
    return Done(
        at=event.at,
        who=actor.get_username() if actor else _("the command line"),
        what=KeyEventKind(event.kind).label,
        details=list(_details(event.data)),
    )


def _details(data: dict[str, Any]) -> Iterator[str]:
    if old := data.get("replaces"):
        yield _("In the place of %(prefix)s…") % {"prefix": old}
    if new := data.get("replaced_by"):
        moment = _moment(parse_datetime(data["until"]))
        yield _("By %(prefix)s…; works until %(moment)s") % {
            "prefix": new,
            "moment": moment,
        }
    # Not in the order of the JSON, which PostgreSQL does not keep.
    changes = data.get("changes", {})
    for name, label in _NAMES.items():
        if name in changes:
            before, after = (_plain(name, value) for value in changes[name])
            yield f"{label}: {before} → {after}"


def _plain(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or _("anywhere")
    if name == "expires_at" and value:
        return _moment(parse_datetime(value))
    return "–" if value is None else str(value)


def _when_and_where(moment: datetime | None, address: str | None) -> SafeString | str:
    if moment is None or not address:
        return age(moment)
    return format_html('{}<div class="small quiet">{}</div>', age(moment), address)


def _moment(moment: datetime | None) -> str:
    return "–" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"


def _ago(moment: datetime | None) -> str:
    return timesince(moment, depth=1) if moment else "–"
