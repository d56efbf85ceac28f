"""Entries as people read them, on the screen and in a file."""

from collections.abc import Mapping
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from procurement.audit.models import Entry

HISTORIES = {
    "access.apikey": "admin:access_apikey_change",
    "auth.user": "admin:auth_user_change",
    "auth.group": "admin:auth_group_change",
    "suppliers.supplier": "admin:suppliers_supplier_change",
    "approvals.approvalrule": "admin:approvals_approvalrule_history",
    "approvals.autoapproval": "admin:approvals_autoapproval_history",
    "approvals.standin": "admin:approvals_standin_history",
    "webhooks.endpoint": "admin:webhooks_endpoint_change",
}
"""Where more is known of a subject than the trail says."""


def history_url(entry: Entry) -> str:
    """The page with a subject's own history; empty where it has none."""
    name = HISTORIES.get(entry.subject_type)
    if name is None or not entry.subject_id:
        return ""
    try:
        return reverse(name, args=[entry.subject_id])
    except NoReverseMatch:
        return ""


def in_words(details: Mapping[str, Any]) -> str:
    """Details on one line: `mode: test → live; new: password`."""
    parts: list[str] = []
    for name, value in details.items():
        if name == "changes" and isinstance(value, Mapping):
            parts += [f"{key}: {_pair(pair)}" for key, pair in value.items()]
        else:
            parts.append(f"{name}: {_value(name, value)}")
    return "; ".join(parts)


def _value(name: str, value: Any) -> str:
    if name in ("mode", "is") and isinstance(value, list) and len(value) == 2:
        return _pair(value)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _pair(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        return " → ".join("–" if part in ("", None) else str(part) for part in value)
    return str(value)


def titles() -> list[str]:
    return [
        _("When (UTC)"),
        _("What"),
        _("Code"),
        _("Outcome"),
        _("Who"),
        _("From"),
        _("Door"),
        _("About"),
        _("Details"),
    ]
