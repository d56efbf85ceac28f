"""The mails: of one notice, of a reminder, and of a day's notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procurement.approvals.links import make_link
from procurement.errors import OperationNotAllowed
from procurement.notices.kinds import Kind
from procurement.notices.models import Notice
from procurement.notices.words import Told, subject, told
from procurement.preferences.operations import choices_of


@dataclass(frozen=True)
class Entry:
    """A notice in a mail; an empty address is left out."""

    told: Told
    page: str
    decide: str

    @property
    def title(self) -> str:
        return subject(self.told)


def letter(person: User, notices: Sequence[Notice]) -> EmailMultiAlternatives:
    """Write to a person in their language and zone about one notice or more.

    A link by which to decide is made anew each time: nobody can read an old one again.
    """
    chosen = choices_of(person)
    language = chosen.language or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(chosen.zone):
        entries = [_entry(notice, person) for notice in notices]
        context = {
            "heading": _subject(notices, entries),
            "entries": entries,
            "hours": settings.APPROVAL_LINK_HOURS,
            "installation": settings.INSTALLATION_NAME,
            "wishes": _absolute(reverse("my_settings")),
            "language": language,
        }
        message = EmailMultiAlternatives(
            f"[{settings.INSTALLATION_NAME}] {context['heading']}",
            render_to_string("notices/mail.txt", context),
            to=[person.email],
            headers=_headers(notices),
        )
        html = render_to_string("notices/mail.html", context)
        message.attach_alternative(html, "text/html")
    return message


def _headers(notices: Sequence[Notice]) -> dict[str, Any]:
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip("> ")
    return {
        # The same for every try, so that a mailbox may know a mail it has.
        "Message-ID": f"<notice-{min(each.pk for each in notices)}@{host}>",
        "Auto-Submitted": "auto-generated",
    }


def _subject(notices: Sequence[Notice], entries: Sequence[Entry]) -> str:
    if len(notices) == 1:
        title = entries[0].title
        is_reminder = notices[0].is_reminder
        return _("Reminder: %(title)s") % {"title": title} if is_reminder else title
    return ngettext("%(count)s notice", "%(count)s notices", len(notices)) % {
        "count": len(notices)
    }


def _entry(notice: Notice, person: User) -> Entry:
    one = told(notice)
    decide = ""
    if settings.PUBLIC_URL and notice.kind == Kind.APPROVAL_ASKED and notice.order_id:
        try:
            decide = make_link(notice.order_id, person)
        except OperationNotAllowed:
            # Decided in this very moment; the page says so.
            decide = ""
    return Entry(one, _absolute(one.path), decide)


def _absolute(path: str) -> str:
    base: str = settings.PUBLIC_URL
    return f"{base.rstrip('/')}{path}" if base and path else ""
