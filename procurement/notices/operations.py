"""Every write of notices but those of their mails."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.approvals.people import may_approve, standing_in
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.notices.kinds import By, Kind, MailState
from procurement.notices.models import Notice, NoticeWishes
from procurement.notices.times import next_digest
from procurement.notices.wishes import Wish, Wishes, kinds_for, wishes_of
from procurement.orders.models import PurchaseOrder
from procurement.preferences.operations import choices_of

DETAIL_LENGTH = 1000
PURGED_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Something to be told to one person, if they want it and may see it.

    Args:
        occasion: one notice is made for it, per person and kind.
        by: the key of the person who did it; they know already.
    """

    kind: Kind
    recipient: User
    occasion: str
    order: PurchaseOrder | None = None
    detail: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    by: int | None = None


def give_notices(*, drafts: Iterable[Draft], now: datetime) -> int:
    """Make the notices that are wanted and not there yet; return how many were tried.

    Called again, or by two workers at a time, it leaves one of each.
    """
    fitting = [draft for draft in drafts if _concerns(draft)]
    if not fitting:
        return 0
    wishes = wishes_of([draft.recipient for draft in fitting])
    rows = [_notice(draft, wishes[draft.recipient.pk], now) for draft in fitting]
    wanted = [row for row in rows if row.is_shown or row.mail == MailState.DUE]
    Notice.objects.bulk_create(wanted, ignore_conflicts=True)
    return len(wanted)


def _concerns(draft: Draft) -> bool:
    person = draft.recipient
    if not person.is_active or person.pk == draft.by:
        return False
    if draft.order is None:
        return True
    seen = PurchaseOrder.objects.visible_to(person)
    return seen.filter(pk=draft.order.pk).exists()


def _notice(draft: Draft, wishes: Wishes, now: datetime) -> Notice:
    person = draft.recipient
    wish = _binding(draft.kind, person, wishes)
    notice = Notice(
        recipient=person,
        kind=draft.kind,
        occasion=draft.occasion,
        order=draft.order,
        detail=draft.detail[:DETAIL_LENGTH],
        data=draft.data,
        created_at=now,
        is_shown=wish.in_app,
    )
    if settings.NOTICE_MAILS and person.email and wish.mail != By.NEVER:
        notice.mail = MailState.DUE
        notice.is_digest = wish.mail == By.DIGEST
        notice.mail_due_at = now
        if notice.is_digest:
            zone = choices_of(person).zone
            notice.mail_due_at = next_digest(now, zone, wishes.digest_hour)
    return notice


def _binding(kind: Kind, person: User, wishes: Wishes) -> Wish:
    """The wish; but nobody is deaf to what waits for them alone."""
    wish = wishes.of(kind)
    if kind == Kind.APPROVAL_ASKED and wish.is_deaf and not _has_stand_in(person):
        return Wish(in_app=True, mail=wish.mail)
    return wish


def _has_stand_in(person: User) -> bool:
    return standing_in(absent=person).exists()


# --- a person's own ---------------------------------------------------------------


def mark_read(*, notice_id: int, actor: User) -> None:
    """Mark one of the actor's own notices as read; a second time changes nothing.

    Raises:
        OperationNotAllowed: the actor has no such notice.
    """
    own = Notice.objects.shown_to(actor).filter(pk=notice_id)
    if not own.exists():
        raise OperationNotAllowed(_("You have no such notice."), code="not_found")
    _read(Notice.objects.filter(pk=notice_id))


def mark_all_read(*, actor: User, up_to: int) -> int:
    """Mark the actor's notices as read; return how many were not.

    Args:
        up_to: the newest notice they have seen; what came later stays unread.
    """
    own = Notice.objects.filter(recipient=actor, is_shown=True, pk__lte=up_to)
    return _read(own)


def _read(rows: Any) -> int:
    unread = rows.filter(is_unread=True)
    changed: int = unread.update(is_unread=False, read_at=timezone.now())
    return changed


@transaction.atomic
def change_wishes(
    *, actor: User, choices: Mapping[str, Wish], digest_hour: int
) -> None:
    """Keep what a person wants to be told, by kind; kinds left out go by their roles.

    Raises:
        InvalidInput: an hour or a kind that is not there, or an approver with nobody
            to stand in who would not hear of what waits for them.
    """
    errors: dict[str, str] = {}
    if not 0 <= digest_hour <= 23:
        errors["digest_hour"] = _("Choose one of the hours of a day.")
    for kind in choices:
        if kind not in kinds_for(actor):
            errors[kind] = _("There are no such notices for you.")
    asked = choices.get(Kind.APPROVAL_ASKED)
    wants_none = asked is not None and asked.is_deaf
    if wants_none and may_approve(actor) and not _has_stand_in(actor):
        errors[Kind.APPROVAL_ASKED] = _(
            "Orders wait for you, so choose the list or a mail. You may leave both out "
            "while somebody stands in for you."
        )
    if errors:
        raise InvalidInput(errors)
    stored = {kind: [wish.in_app, wish.mail] for kind, wish in choices.items()}
    NoticeWishes.objects.update_or_create(
        user=actor, defaults={"choices": stored, "digest_hour": digest_hour}
    )


# --- keeping house ----------------------------------------------------------------


def hold_mails() -> int:
    """Take every mail that waits for one that was perhaps sent; say how many.

    For when nobody knows which have left: none is sent a second time.
    """
    waiting = Notice.objects.filter(mail__in=[MailState.DUE, MailState.CLAIMED])
    return waiting.update(mail=MailState.MAYBE, mail_due_at=None, claim=None)


def purge_notices(*, older_than: timedelta) -> int:
    """Forget notices made long ago, read or not; return how many."""
    purged = 0
    old = Notice.objects.filter(created_at__lt=timezone.now() - older_than)
    oldest = old.order_by("created_at").values_list("pk", flat=True)
    while keys := list(oldest[:PURGED_AT_ONCE]):
        purged += _purge(keys)
    return purged


def _purge(keys: Sequence[int]) -> int:
    return Notice.objects.filter(pk__in=keys).delete()[0]
